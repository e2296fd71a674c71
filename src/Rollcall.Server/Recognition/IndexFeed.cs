using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Dapper;
using Rollcall.Faces.Index;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Recognition;

/// <summary>
/// Keeps an index for each collection level with the store. Before an answer it reads the rows after the last change number that it has
/// seen; number order is commit order, so nothing that a caller saw succeed can be missing, and nothing is read twice.
/// </summary>
internal sealed class IndexFeed(Database database, FaceModels models)
{
    private const int RowsAtOnce = 5_000;

    private readonly ConcurrentDictionary<string, Entry> _collections = new(StringComparer.Ordinal);

    public async Task<FaceIndex> LevelAsync(string collectionId, CancellationToken ct)
    {
        var entry = _collections.GetOrAdd(collectionId, _ => new Entry(new FaceIndex(models.Engine.Pack.Dimensions)));
        await entry.Turn.WaitAsync(ct);
        try
        {
            while (true)
            {
                var rows = await ReadAsync(collectionId, entry.Index.LastChange, ct);
                if (rows.Count > 0) entry.Index.Apply(rows);
                if (rows.Count < RowsAtOnce) return entry.Index;
            }
        }
        finally
        {
            entry.Turn.Release();
        }
    }

    private async Task<IReadOnlyList<FaceChange>> ReadAsync(string collectionId, long after, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<(long ChangeSeq, long Num, long PersonNum, long State, byte[] Vector)>(
                """
                SELECT change_seq, num, person_num, state, vector FROM face
                WHERE collection_id = @collectionId AND change_seq > @after ORDER BY change_seq LIMIT @most
                """,
                new { collectionId, after, most = RowsAtOnce },
                tx),
            ct);
        return [.. rows.Select(row => new FaceChange(
            row.ChangeSeq, row.Num, row.PersonNum, row.State == 0 ? MemoryMarshal.Cast<byte, float>(row.Vector).ToArray() : null))];
    }

    private sealed record Entry(FaceIndex Index)
    {
        public SemaphoreSlim Turn { get; } = new(1);
    }
}
