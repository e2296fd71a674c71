using Dapper;
using Rollcall.Cli.Sources;

namespace Rollcall.Cli.Sync;

/// <summary>What differs between the two sides.</summary>
internal sealed partial class SyncMemory
{
    /// <summary>References that stand.</summary>
    public long Standing { get; private set; }

    /// <summary>Those of them that are in the folder.</summary>
    public long Unchanged { get; private set; }

    /// <summary>People of whom something stays since what the folder has in its place is not enrolled.</summary>
    public long Kept { get; private set; }

    /// <summary>Compares the two sides person by person, none of which is in memory longer than that takes.</summary>
    /// <param name="gates">As <see cref="Settle"/> was told.</param>
    /// <param name="retryRefused">Whether what was refused is sent again.</param>
    public void Compare(string gates, bool retryRefused)
    {
        using var transaction = _database.BeginTransaction();
        Tidy();
        Standing = _database.ExecuteScalar<long>("SELECT count(*) FROM standing");
        foreach (var person in People(gates, retryRefused))
        {
            Write(person);
            Unchanged += person.Unchanged;
            if (person.Kept > 0) Kept++;
        }

        _database.Execute(
            """
            UPDATE change SET is_known = 1
            WHERE kind = @NotEnrolled AND EXISTS (SELECT 1 FROM told t WHERE t.path = change.path AND t.code = change.code AND t.sha256 IS change.sha256)
            """,
            new { ChangeKind.NotEnrolled });
        transaction.Commit();
    }

    public ChangeCounts Count()
    {
        var kinds = _database.Query<(string, long)>("SELECT kind, count(*) FROM change GROUP BY kind");
        var failures = _database.Query<(string, long)>("SELECT code, count(*) FROM change WHERE kind = @NotEnrolled GROUP BY code ORDER BY 2 DESC, 1", new { ChangeKind.NotEnrolled });
        var (gone, known) = _database.QuerySingle<(long, long)>(
            "SELECT coalesce(sum(is_done AND kind <> @Changed), 0), coalesce(sum(is_known), 0) FROM change", new { ChangeKind.Changed });
        var without = _database.ExecuteScalar<long>(
            """
            SELECT count(DISTINCT external_id) FROM local l WHERE external_id <> ''
            AND NOT EXISTS (SELECT 1 FROM standing s WHERE s.external_id = l.external_id)
            AND NOT EXISTS (SELECT 1 FROM change c WHERE c.external_id = l.external_id AND c.kind = @Added)
            """,
            new { ChangeKind.Added });
        return new(kinds.ToDictionary(one => one.Item1, one => one.Item2), failures.ToDictionary(one => one.Item1, one => one.Item2), gone, known, without);
    }

    /// <summary>Every line, of one kind or of all, in the order of the external ids.</summary>
    public IEnumerable<SyncChange> Changes(string? kind = null) =>
        Rows("SELECT kind, external_id, path, face_id, code, message, is_known FROM change WHERE kind = @kind OR @kind = '' ORDER BY id", ("@kind", kind ?? ""))
            .Select(row => new SyncChange(row.GetString(0), row.GetString(1), Text(row, 2), Text(row, 3), Text(row, 4), Text(row, 5), row.GetInt64(6) == 1));

    /// <summary>What is to be sent, and what cannot be, for a report that names all.</summary>
    public IEnumerable<Photograph> Photographs() =>
        Rows(
            "SELECT path, external_id, code, message FROM change WHERE path IS NOT NULL AND kind IN (@added, @changed, @not) ORDER BY id",
            ("@added", ChangeKind.Added),
            ("@changed", ChangeKind.Changed),
            ("@not", ChangeKind.NotEnrolled))
            .Select(row => new Photograph(row.GetString(0), row.GetString(1)) { Refusal = Text(row, 2) is { } code ? new(code, row.GetString(3)) : null });

    private void Write(PersonPlan person)
    {
        foreach (var photograph in person.Added)
        {
            Insert(ChangeKind.Added, photograph, null);
        }

        foreach (var (place, exchange) in person.Changed.Index())
        {
            Insert(ChangeKind.Changed, exchange.Photograph, exchange.Face, makesRoom: place < person.MakeRoom);
        }

        foreach (var face in person.Replaced)
        {
            Insert(ChangeKind.Changed, null, face);
        }

        foreach (var face in person.Removed)
        {
            Insert(person.Leaves ? ChangeKind.Left : ChangeKind.Removed, null, face);
        }

        foreach (var photograph in person.NotEnrolled)
        {
            Insert(ChangeKind.NotEnrolled, photograph, null);
        }

        void Insert(string kind, LocalPhotograph? photograph, StandingFace? face, bool makesRoom = false) => _database.Execute(
            """
            INSERT INTO change (kind, external_id, path, sha256, face_id, code, message, makes_room)
            VALUES (@kind, @ExternalId, @Path, @Sha256, @FaceId, @Code, @Message, @makesRoom)
            """,
            new { kind, person.ExternalId, photograph?.Path, photograph?.Sha256, face?.FaceId, photograph?.Refusal?.Code, photograph?.Refusal?.Message, makesRoom });
    }
}
