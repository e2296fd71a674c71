using Dapper;
using Rollcall.Cli.Enrol;
using Rollcall.Cli.Sources;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Sync;

/// <summary>What came of it.</summary>
internal sealed partial class SyncMemory
{
    /// <summary>What the picture itself is refused for. The others depend on what stands, on an administrator or on the hour.</summary>
    private static readonly string[] OfThePicture =
    [
        ErrorCodes.FaceNotDetected, ErrorCodes.MultipleFaces, ErrorCodes.FaceQualityTooLow, ErrorCodes.LivenessCheckFailed, ErrorCodes.UnreadableImage,
        ErrorCodes.UnsupportedFormat, ErrorCodes.ImageTooLarge, ErrorCodes.ImageTooSmall,
    ];

    /// <summary>Failures that are news each time: they are not the photograph's.</summary>
    private static readonly string[] Passing = [Refusal.FileNotReadable, ErrorCodes.ProcessingError, ErrorCodes.Cancelled, ErrorCodes.Erased];

    /// <summary>Before anything is sent: what goes when what is sent stands, should this run not come to it.</summary>
    public void Announce() => _database.Execute(
        "INSERT OR REPLACE INTO due (face_id, sha256) SELECT face_id, sha256 FROM change WHERE kind = @Changed AND path IS NOT NULL AND face_id IS NOT NULL", new { ChangeKind.Changed });

    /// <summary>What became of the photographs that were sent; a reference whose new photograph failed stays, and so do those of a person with such a one.</summary>
    /// <param name="lines">The end of the run.</param>
    /// <param name="gates">What the pictures were judged by.</param>
    /// <param name="isLastingWithFaces">Whether a picture with several faces is refused whatever stands.</param>
    public Dictionary<string, long> Settle(IEnumerable<ReportLine> lines, string gates, bool isLastingWithFaces)
    {
        var outcomes = new Dictionary<string, long>(StringComparer.Ordinal);
        var good = new[] { ItemOutcome.Enrolled, ItemOutcome.Replaced, ItemOutcome.Unchanged, ItemOutcome.Kept }.Select(WireName.Of).ToHashSet(StringComparer.Ordinal);
        using var transaction = _database.BeginTransaction();
        foreach (var line in lines)
        {
            var parameters = new
            {
                ChangeKind.Added,
                ChangeKind.Changed,
                ChangeKind.NotEnrolled,
                line.Location,
                code = line.Code ?? line.Outcome.ToUpperInvariant(),
                message = line.Message ?? "The server did not take it.",
            };
            var sent = good.Contains(line.Outcome)
                ? _database.ExecuteScalar<long>("SELECT count(*) FROM change WHERE path = @Location AND kind IN (@Added, @Changed)", parameters)
                : _database.Execute("UPDATE change SET kind = @NotEnrolled, code = @code, message = @message WHERE path = @Location AND kind IN (@Added, @Changed)", parameters);
            if (sent > 0) outcomes[line.Outcome] = outcomes.GetValueOrDefault(line.Outcome) + 1;
        }

        _database.Execute(
            """
            UPDATE change SET is_known = 1
            WHERE kind = @NotEnrolled AND EXISTS (SELECT 1 FROM told t WHERE t.path = change.path AND t.code = change.code AND t.sha256 IS change.sha256);
            UPDATE change SET kind = @Kept
            WHERE kind = @Removed AND EXISTS (SELECT 1 FROM change f WHERE f.external_id = change.external_id AND f.kind = @NotEnrolled);
            INSERT OR REPLACE INTO refusal (external_id, sha256, gates, code, message)
            SELECT external_id, sha256, @gates, code, message FROM change WHERE kind = @NotEnrolled AND sha256 IS NOT NULL AND code IN @codes;
            """,
            new { ChangeKind.NotEnrolled, ChangeKind.Kept, ChangeKind.Removed, gates, codes = OfThePicture.Where(code => isLastingWithFaces || code != ErrorCodes.MultipleFaces) });
        transaction.Commit();
        return outcomes;
    }

    /// <summary>References of people who stay that are to go now, a few at a time; those that make room first.</summary>
    public IReadOnlyList<Outgoing> Outgoing(long after, bool makesRoom) => _database.Query<Outgoing>(
        """
        SELECT id AS Change, external_id AS ExternalId, face_id AS FaceId FROM change
        WHERE id > @after AND face_id IS NOT NULL AND kind IN (@Changed, @Removed) AND NOT is_done AND (makes_room OR NOT @makesRoom) ORDER BY id LIMIT 100
        """,
        new { after, makesRoom, ChangeKind.Changed, ChangeKind.Removed }).AsList();

    /// <summary>The next person who leaves, with the references that the plan saw; none when there is no further one.</summary>
    public IReadOnlyList<Outgoing> Leaving(long after) => _database.Query<Outgoing>(
        """
        SELECT id AS Change, external_id AS ExternalId, face_id AS FaceId FROM change
        WHERE kind = @Left AND external_id = (SELECT external_id FROM change WHERE kind = @Left AND id > @after ORDER BY id LIMIT 1) ORDER BY id
        """,
        new { after, ChangeKind.Left }).AsList();

    public void Gone(long change) => _database.Execute("UPDATE change SET is_done = 1 WHERE id = @change", new { change });

    public void Stays(string externalId) => _database.Execute("UPDATE change SET kind = @Kept WHERE kind = @Left AND external_id = @externalId", new { ChangeKind.Kept, ChangeKind.Left, externalId });

    /// <summary>The end: what is not enrolled has been told, and nothing is due any more.</summary>
    public void Close() => _database.Execute(
        """
        DELETE FROM due;
        DELETE FROM told;
        INSERT OR REPLACE INTO told (path, sha256, code) SELECT path, sha256, code FROM change WHERE kind = @NotEnrolled AND code NOT IN @Passing;
        """,
        new { ChangeKind.NotEnrolled, Passing });
}
