using Dapper;
using Rollcall.Cli.Sources;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Sync;

/// <summary>The two sides: every photograph of the folder and every reference of the collection.</summary>
internal sealed partial class SyncMemory
{
    /// <summary>How many are written down together: an interrupted reading of a large folder loses no more hashes than these.</summary>
    private const int Together = 500;

    private readonly List<FoundFile> _found = [];

    /// <summary>What is remembered of a file.</summary>
    public KnownFile? Known(string path)
    {
        lock (_turn)
        {
            return _database.QuerySingleOrDefault<KnownFile>("SELECT bytes, changed, sha256, before FROM file WHERE path = @path", new { path });
        }
    }

    public void Add(FoundFile file)
    {
        lock (_turn)
        {
            _found.Add(file);
            if (_found.Count >= Together) Flush();
        }
    }

    public void Flush()
    {
        lock (_turn)
        {
            using var transaction = _database.BeginTransaction();
            foreach (var (photograph, state, isNews) in _found)
            {
                var (code, message) = (photograph.Refusal?.Code, photograph.Refusal?.Message);
                _database.Execute(
                    "INSERT OR REPLACE INTO local (path, external_id, sha256, before, code, message) VALUES (@Location, @ExternalId, @Sha256, @Before, @code, @message)",
                    new { photograph.Location, photograph.ExternalId, state?.Sha256, state?.Before, code, message },
                    transaction);
                if (!isNews) continue;
                _database.Execute(
                    "INSERT OR REPLACE INTO file (path, bytes, changed, sha256, before) VALUES (@Location, @Bytes, @Changed, @Sha256, @Before)",
                    new { photograph.Location, state!.Bytes, state.Changed, state.Sha256, state.Before },
                    transaction);
            }

            transaction.Commit();
            _found.Clear();
        }
    }

    /// <summary>External ids that come from files in more than one folder; a few of them.</summary>
    public IReadOnlyList<string> Scattered()
    {
        _database.CreateFunction("folder_of", (string path) => Path.GetDirectoryName(path) ?? "", isDeterministic: true);
        return _database.Query<string>(
            "SELECT external_id FROM local WHERE external_id <> '' GROUP BY external_id HAVING min(folder_of(path)) <> max(folder_of(path)) ORDER BY external_id LIMIT 3").AsList();
    }

    public async Task AddAsync(IAsyncEnumerable<Face> faces, CancellationToken cancellationToken)
    {
        await foreach (var some in faces.Chunk(Together).WithCancellation(cancellationToken))
        {
            using var transaction = _database.BeginTransaction();
            _database.Execute(
                "INSERT OR REPLACE INTO standing (face_id, external_id, sha256) VALUES (@FaceId, @ExternalId, @ImageSha256)",
                some.Select(face => new { face.FaceId, face.ExternalId, face.ImageSha256 }),
                transaction);
            transaction.Commit();
        }
    }

    /// <summary>Everybody who is on one side or the other, one after the other.</summary>
    /// <param name="gates">As <see cref="Settle"/> was told.</param>
    /// <param name="retryRefused">Whether what was refused counts as new.</param>
    private IEnumerable<PersonPlan> People(string gates, bool retryRefused)
    {
        const string Both = """
            SELECT l.external_id, 0, l.path, l.sha256, l.before, coalesce(l.code, r.code), coalesce(l.message, r.message)
            FROM local l LEFT JOIN refusal r ON r.external_id = l.external_id AND r.sha256 = l.sha256 AND r.gates = @gates
            UNION ALL
            SELECT s.external_id, 1, s.face_id, s.sha256, (
              SELECT d.sha256 FROM due d WHERE d.face_id = s.face_id AND EXISTS (SELECT 1 FROM standing o WHERE o.external_id = s.external_id AND o.sha256 = d.sha256)), NULL, NULL
            FROM standing s
            ORDER BY 1, 2, 3
            """;
        List<LocalPhotograph> photographs = [];
        List<StandingFace> faces = [];
        string? person = null;
        foreach (var row in Rows(Both, ("@gates", retryRefused ? "" : gates)))
        {
            if (row.GetString(0) is var next && next != person)
            {
                if (person is not null) yield return PersonPlan.Of(person, photographs, faces);
                (person, photographs, faces) = (next, [], []);
            }

            if (row.GetInt64(1) == 0)
                photographs.Add(new(row.GetString(2), Text(row, 3), Text(row, 5) is { } code ? new(code, row.GetString(6)) : null) { Before = Text(row, 4) });
            else
                faces.Add(new(row.GetString(2), row.GetString(3), IsReplaced: !row.IsDBNull(4)));
        }

        if (person is not null) yield return PersonPlan.Of(person, photographs, faces);
    }
}

/// <summary>A file as it was when its hash was taken.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="Changed">Its time, in ticks.</param>
/// <param name="Sha256">The hash.</param>
/// <param name="Before">The hash that it had until it changed.</param>
internal sealed record KnownFile(long Bytes, long Changed, string Sha256, string? Before);

/// <param name="Photograph">A file of the folder.</param>
/// <param name="State">Null when it was not read.</param>
/// <param name="IsNews">Whether the state is to be remembered.</param>
internal sealed record FoundFile(Photograph Photograph, KnownFile? State, bool IsNews);
