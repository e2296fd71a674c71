using Dapper;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Faces;

/// <summary>Removes tombstones after a week. An index that has slept for longer is told by <c>purged_seq</c> to begin anew.</summary>
internal sealed class TombstoneRetention(Database database, TimeProvider time, ILogger<TombstoneRetention> logger)
    : PeriodicService(TimeSpan.FromHours(1), time, logger)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private readonly TimeProvider _time = time;

    public Task PurgeAsync(CancellationToken ct) => database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            """
            UPDATE collection SET purged_seq = gone.seq
            FROM (SELECT collection_id, MAX(change_seq) AS seq FROM face_tombstone WHERE created_at <= @before GROUP BY collection_id) AS gone
            WHERE collection.id = gone.collection_id AND collection.purged_seq < gone.seq;
            DELETE FROM face_tombstone WHERE created_at <= @before;
            """,
            new { before = _time.Now() - (long)Kept.TotalMilliseconds },
            tx),
        ct);

    protected override Task RunAsync(CancellationToken ct) => PurgeAsync(ct);
}
