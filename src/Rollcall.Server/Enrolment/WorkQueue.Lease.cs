using Dapper;

namespace Rollcall.Server.Enrolment;

/// <summary>One holding of an item: the same item under a newer fence is another.</summary>
internal readonly record struct LeaseKey(string ItemId, long Fence);

internal sealed partial class WorkQueue
{
    private const string Release = "state = 0, begun = 0, worker_id = NULL, lease_until = NULL, deadline_at = NULL";

    /// <summary>Longer than any pause that is given; what is further ahead was written by a clock that has been set since.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Renews the leases that a worker still works under, and names those that are its own yet; one that is missing is lost or overdue.
    /// What it has in hand decides, not the table: an item that could not be given back must not be kept alive by its neighbours.
    /// </summary>
    public async Task<IReadOnlySet<LeaseKey>> RenewAsync(string workerId, IReadOnlyCollection<LeaseKey> inHand, CancellationToken ct)
    {
        if (inHand.Count == 0) return new HashSet<LeaseKey>();

        var now = database.Dialect.LeaseNow;
        var kept = await database.WriteAsync(
            tx => tx.Connection!.QueryAsync<(string ItemId, long Fence)>(
                $"""
                UPDATE work SET lease_until = {now} + @lease
                WHERE worker_id = @workerId AND state = 1 AND lease_until > {now} AND deadline_at > {now} AND item_id IN @items
                RETURNING item_id, fence
                """,
                new { now = clock.Now, lease = (long)_options.Lease.TotalMilliseconds, workerId, items = inHand.Select(key => key.ItemId) },
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
    public Task<int> RescueExpiredAsync(CancellationToken ct) => ReleaseAsync(
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
    /// decoder when it went counts as a crash, and gets a pause that grows, so that a poisonous picture does not keep the process in a
    /// loop of restarts. Returns how many items were in hand.
    /// </summary>
    public Task<int> RescueAllAsync(CancellationToken ct) => ReleaseAsync(
        async tx =>
        {
            var parameters = new
            {
                now = clock.Now,
                pause = (long)_options.CrashPause.TotalMilliseconds,
                longest = clock.Now + (long)LongestPause.TotalMilliseconds,
            };
            await tx.Connection!.ExecuteAsync("UPDATE work SET ready_at = @now WHERE ready_at > @longest", parameters, tx);
            return await tx.Connection!.ExecuteAsync(
                $"""
                UPDATE work SET fence = {database.Dialect.NextFence}, suspect = 1, crashes = crashes + (begun * suspect),
                  ready_at = @now + (crashes + 1) * (begun * suspect) * @pause, {Release}
                WHERE state = 1
                """,
                parameters,
                tx);
        },
        ct);

    /// <summary>A picture hung in the decoder or the model while it was alone there: that is a crash, and the process is about to end for it.</summary>
    public Task CountHangAsync(string itemId, CancellationToken ct) => database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            $"UPDATE work SET begun = 0, crashes = crashes + 1, ready_at = {database.Dialect.LeaseNow} + (crashes + 1) * @pause WHERE item_id = @itemId",
            new { itemId, now = clock.Now, pause = (long)_options.CrashPause.TotalMilliseconds },
            tx),
        ct);

    /// <summary>Gives an item back unfinished for no fault of its own.</summary>
    public Task GiveBackAsync(ClaimedItem item, TimeSpan pause, CancellationToken ct) => ReleaseAsync(
        tx => tx.Connection!.ExecuteAsync(
            $"""
            UPDATE work SET {Release}, ready_at = {database.Dialect.LeaseNow} + @pause
            WHERE item_id = @ItemId AND fence = @Fence AND state = 1
            """,
            new { item.ItemId, item.Fence, now = clock.Now, pause = (long)pause.TotalMilliseconds },
            tx),
        ct);

    /// <summary>
    /// Gives back an item on which a handler failed. It may have been its neighbours' doing (memory, say): it becomes a suspect, and only
    /// what fails alone counts, with a pause that grows.
    /// </summary>
    public Task GiveBackFaultyAsync(ClaimedItem item, CancellationToken ct) => ReleaseAsync(
        tx => tx.Connection!.ExecuteAsync(
            $"""
            UPDATE work SET {Release}, suspect = 1, crashes = crashes + suspect, ready_at = {database.Dialect.LeaseNow} + (crashes + 1) * @pause
            WHERE item_id = @ItemId AND fence = @Fence AND state = 1
            """,
            new { item.ItemId, item.Fence, now = clock.Now, pause = (long)_options.CrashPause.TotalMilliseconds },
            tx),
        ct);
}
