using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Dapper;
using Rollcall.Faces.Index;
using Rollcall.Server.Collections;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Recognition;

/// <summary>
/// Keeps an index for each collection level with the store. Before an answer it reads the rows after the last change number that it has
/// seen; number order is commit order, so nothing that a caller saw succeed can be missing, and nothing is read twice.
/// </summary>
/// <remarks>
/// A superseded row or a tombstone tells the index of a removal until it is purged. An index that has slept through that is thrown away: it would
/// keep a face that is no more, and such a ghost can push a true match out of the candidates.
/// </remarks>
internal sealed class IndexFeed(Database database, FaceModels models)
{
    private const int RowsAtOnce = 5_000;

    private readonly ConcurrentDictionary<string, Entry> _collections = new(StringComparer.Ordinal);

    /// <summary>What is held in memory.</summary>
    public (int Collections, long Vectors, long Bytes) Size
    {
        get
        {
            var indexes = _collections.Values.Select(entry => entry.Index).ToList();
            return (indexes.Count, indexes.Sum(index => (long)index.Count), indexes.Sum(index => index.Bytes));
        }
    }

    public async Task<FaceIndex> LevelAsync(string collectionId, CancellationToken ct)
    {
        var entry = _collections.GetOrAdd(collectionId, _ => new Entry(NewIndex()));
        await entry.Turn.WaitAsync(ct);
        try
        {
            while (true)
            {
                var page = await ReadAsync(collectionId, entry.Level, ct);
                if (entry.Level > 0 && entry.Level < page.PurgedSeq && entry.Purged < page.PurgedSeq)
                {
                    (entry.Index, entry.Level) = (NewIndex(), 0);
                    continue;
                }

                entry.Purged = page.PurgedSeq;
                if (page.Changes.Count > 0) entry.Index.Apply(page.Changes);
                if (page.Changes.Count == RowsAtOnce)
                {
                    entry.Level = page.Changes[^1].ChangeSeq;
                    continue;
                }

                entry.Level = page.ChangeSeq;
                return entry.Index;
            }
        }
        catch (CollectionGoneException)
        {
            Drop(collectionId);
            throw;
        }
        finally
        {
            entry.Turn.Release();
        }
    }

    /// <summary>
    /// Brings the index level where this process has one, so that nothing of what was deleted is left in it. It makes none: a collection of
    /// another model pack has no index here and must not get one.
    /// </summary>
    public async Task ForgetRemovedAsync(string collectionId, CancellationToken ct)
    {
        if (!_collections.ContainsKey(collectionId)) return;
        try
        {
            await LevelAsync(collectionId, ct);
        }
        catch (CollectionGoneException)
        {
            // And its index with it.
        }
    }

    /// <summary>Forgets a collection that was deleted. A search that has its index in hand finds none of its rows any more.</summary>
    public void Drop(string collectionId) => _collections.TryRemove(collectionId, out _);

    private FaceIndex NewIndex() => new(models.Engine.Pack.Dimensions);

    private Task<Page> ReadAsync(string collectionId, long after, CancellationToken ct) => database.ReadAsync(
        async tx =>
        {
            var numbers = await tx.Connection!.QuerySingleOrDefaultAsync<(long, long)?>(
                "SELECT change_seq, purged_seq FROM collection WHERE id = @collectionId AND deleted_at IS NULL", new { collectionId }, tx);
            if (numbers is not var (changeSeq, purgedSeq)) throw new CollectionGoneException();
            if (changeSeq == after) return new Page(changeSeq, purgedSeq, []);

            var rows = await tx.Connection!.QueryAsync<(long ChangeSeq, long Num, long PersonNum, byte[]? Vector)>(
                """
                SELECT change_seq, num, person_num, CASE WHEN state = 0 THEN vector END AS vector FROM face
                WHERE collection_id = @collectionId AND change_seq > @after
                UNION ALL
                SELECT change_seq, face_num, 0, NULL FROM face_tombstone WHERE collection_id = @collectionId AND change_seq > @after
                ORDER BY change_seq LIMIT @most
                """,
                new { collectionId, after, most = RowsAtOnce },
                tx);
            return new Page(changeSeq, purgedSeq, [.. rows.Select(row => new FaceChange(
                row.ChangeSeq, row.Num, row.PersonNum, row.Vector is null ? null : MemoryMarshal.Cast<byte, float>(row.Vector).ToArray()))]);
        },
        ct);

    private sealed record Page(long ChangeSeq, long PurgedSeq, IReadOnlyList<FaceChange> Changes);

    private sealed class Entry(FaceIndex index)
    {
        public FaceIndex Index { get; set; } = index;

        /// <summary>The change number that the index is level with.</summary>
        public long Level { get; set; }

        /// <summary>
        /// How far removals had been purged when the index was last looked after: what was gone before it was begun it has never taken up, so
        /// a purge that is ahead of it while it is being built is no reason to begin anew.
        /// </summary>
        public long Purged { get; set; }

        public SemaphoreSlim Turn { get; } = new(1);
    }
}
