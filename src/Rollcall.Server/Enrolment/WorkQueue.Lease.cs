using Dapper;

namespace Rollcall.Server.Enrolment;

/// <summary>One holding of an item: the same item under a newer fence is another.</summary>
internal readonly record struct LeaseKey(string ItemId, long Fence);

internal sealed partial class WorkQueue
{
    private const string Release = "state = 0, begun = 0, worker_id = NULL, lease_until = NULL, deadline_at = NULL";

    /// <summary>A crash gets a pause that grows, so that a poisonous picture does not keep the process in a loop of restarts.</summary>
    private const long CrashDelay = 2_000;

    /// <summary>Renews all leases of a worker and names those that are still its own; one that is missing is lost or overdue.</summary>
    public async Task<IReadOnlySet<LeaseKey>> RenewAsync(string workerId, CancellationToken ct)
    {
        var now = database.Dialect.LeaseNow;
        var kept = await database.WriteAsync(
            tx => tx.Connection!.QueryAsync<(string ItemId, long Fence)>(
                $"""
                UPDATE work SET lease_until = {now} + @lease
                WHERE worker_id = @workerId AND state = 1 AND lease_until > {now} AND deadline_at > {now}
                RETURNING item_id, fence
                """,
                new { now = clock.Now, lease = (long)_options.Lease.TotalMilliseconds, workerId },
                tx),
            ct);
        return kept.Select(row => new LeaseKey(row.ItemId, row.Fence)).ToHashSet();
    }

    /// <summary>
    /// Marks, durably, that a suspect's picture is about to enter the decoder: if the process dies now, it was this picture.
    /// False when the lease is lost.
    /// </summary>
    public async Task<bool> BeginAsync(ClaimedItem item, CancellationToken ct) => await database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            "UPDATE work SET begun = 1 WHERE item_id = @ItemId AND fence = @Fence AND state = 1", item, tx),
        ct) == 1;

    /// <summary>
    /// Takes leases that ran out away from their holders. The items become suspects. Nobody knows here whether the holder died or only
    /// paused, so nothing is counted against them.
    /// </summary>
    public Task<int> RescueExpiredAsync(CancellationToken ct) => database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            $"""
            WITH c AS MATERIALIZED (
              SELECT item_id FROM work WHERE state = 1 AND lease_until <= {database.Dialect.LeaseNow} ORDER BY item_id {database.Dialect.SkipLocked})
            UPDATE work SET {Release}, suspect = 1, fence = {database.Dialect.NextFence}
            FROM c WHERE work.item_id = c.item_id AND work.state = 1
            """,
            new { now = clock.Now },
            tx),
        ct);

    /// <summary>
    /// At boot, under the lock of the data folder: every lease belongs to a process that is gone. An item that was alone inside the
    /// decoder when it went counts as a crash.
    /// </summary>
    public Task<int> RescueAllAsync(CancellationToken ct) => database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            $"""
            UPDATE work SET ready_at = @now WHERE state = 0 AND ready_at > @now;
            UPDATE work SET fence = {database.Dialect.NextFence}, suspect = 1, crashes = crashes + (begun * suspect),
              ready_at = @now + (crashes + 1) * (begun * suspect) * @delay, {Release}
            WHERE state = 1
            """,
            new { now = clock.Now, delay = CrashDelay },
            tx),
        ct);

    /// <summary>Gives an item back unfinished. The attempt is not counted unless the item itself was at fault.</summary>
    public Task GiveBackAsync(ClaimedItem item, bool countsAsCrash, TimeSpan delay, CancellationToken ct) => database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            $"""
            UPDATE work SET {Release}, attempt = attempt - 1 + @crash, crashes = crashes + @crash, ready_at = @readyAt
            WHERE item_id = @ItemId AND fence = @Fence AND state = 1
            """,
            new { item.ItemId, item.Fence, crash = countsAsCrash ? 1 : 0, readyAt = clock.Now + (long)delay.TotalMilliseconds },
            tx),
        ct);
}
