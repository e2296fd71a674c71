using System.Data.Common;
using Dapper;
using Rollcall.Server.Hosting;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Enrolment;

/// <summary>What a claim brought.</summary>
/// <param name="Items">The items that are now under lease.</param>
/// <param name="SuspectWaits">A suspect is ready and is given out alone: come again when nothing else is in hand.</param>
internal sealed record Claim(IReadOnlyList<ClaimedItem> Items, bool SuspectWaits)
{
    public static Claim Nothing { get; } = new([], false);
}

internal sealed partial class WorkQueue
{
    private string Ready => $"state = 0 AND ready_at <= {database.Dialect.LeaseNow}";

    /// <summary>Leases at most <paramref name="count"/> items; a suspect only alone, when the caller has nothing else in hand.</summary>
    public async Task<Claim> ClaimAsync(string workerId, int count, bool handsFree, CancellationToken ct)
    {
        // An idle worker asks often; a read does not stand in the writers' line for nothing.
        var ready = await database.ReadAsync(tx => LookAsync(tx), ct);
        if (ready is { Suspects: false, Others: false }) return Claim.Nothing;
        if (ready.Suspects && !handsFree) return new Claim([], SuspectWaits: true);

        using var span = Instruments.Spans.StartActivity("claim");
        var items = await database.WriteAsync(
            tx => ready.Suspects ? LeaseAsync(tx, workerId, 1, suspect: 1) : LeaseAsync(tx, workerId, count, suspect: 0), ct);
        span?.SetTag("rollcall.items", items.Count);
        events.Changed(items.Select(item => item.JobId).Distinct());
        return new Claim(items, SuspectWaits: false);
    }

    private async Task<(bool Suspects, bool Others)> LookAsync(DbTransaction tx)
    {
        var (suspects, others) = await tx.Connection!.QuerySingleAsync<(long, long)>(
            $"""
            SELECT CASE WHEN EXISTS (SELECT 1 FROM work WHERE {Ready} AND suspect = 1) THEN 1 ELSE 0 END,
                   CASE WHEN EXISTS (SELECT 1 FROM work WHERE {Ready} AND suspect = 0) THEN 1 ELSE 0 END
            """,
            new { now = clock.Now },
            tx);
        return (suspects == 1, others == 1);
    }

    private async Task<IReadOnlyList<ClaimedItem>> LeaseAsync(DbTransaction tx, string workerId, int count, int suspect)
    {
        // Materialized: as a plain sub-select PostgreSQL may run it twice and lease more than the limit.
        var now = database.Dialect.LeaseNow;
        var leased = (await tx.Connection!.QueryAsync<(string ItemId, long Fence, string JobId, long Tag)>(
            $"""
            WITH c AS MATERIALIZED (
              SELECT item_id FROM work WHERE {Ready} AND suspect = @suspect ORDER BY tag, item_id LIMIT @count {database.Dialect.SkipLocked})
            UPDATE work SET state = 1, fence = {database.Dialect.NextFence}, worker_id = @workerId,
              lease_until = {now} + @lease, deadline_at = {now} + @maxRun
            FROM c WHERE work.item_id = c.item_id
            RETURNING work.item_id, work.fence, work.job_id, work.tag
            """,
            new
            {
                now = clock.Now,
                suspect,
                count,
                workerId,
                lease = (long)_options.Lease.TotalMilliseconds,
                maxRun = (long)_options.MaxRun.TotalMilliseconds,
            },
            tx)).AsList();
        if (leased.Count == 0) return [];

        await tx.Connection!.ExecuteAsync(
            """
            UPDATE job SET status = 'processing', started_at = @now WHERE id IN @jobs AND status = 'queued';
            UPDATE queue_clock SET virtual_time = @tag WHERE id = 1 AND virtual_time < @tag;
            """,
            new { now = time.Now(), jobs = leased.Select(row => row.JobId).Distinct().Order(), tag = leased.Max(row => row.Tag) },
            tx);
        return [.. await tx.Connection!.QueryAsync<ClaimedItem>(
            """
            SELECT w.item_id, w.fence, w.suspect, w.crashes, w.decode, i.job_id, i.item_index, i.external_id, i.metadata, i.blob, i.blob_bytes,
              i.image_sha256, i.refusal, j.trace_parent, j.submitted_by, j.organization_id, j.collection_id, j.accept_seq, j.options, c.model AS collection_model
            FROM work w JOIN job_item i ON i.id = w.item_id JOIN job j ON j.id = i.job_id JOIN collection c ON c.id = j.collection_id
            WHERE w.item_id IN @ids ORDER BY w.tag, w.item_id
            """,
            new { ids = leased.Select(row => row.ItemId) },
            tx)];
    }
}
