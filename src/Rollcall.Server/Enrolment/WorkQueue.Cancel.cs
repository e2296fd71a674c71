using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;
using Rollcall.Server.Batches;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Enrolment;

internal sealed partial class WorkQueue
{
    /// <summary>
    /// Cancels a job: what nobody is working on fails, and what somebody is working on may finish. A job that is finished stays as it is.
    /// False when there is no such job.
    /// </summary>
    public async Task<bool> CancelAsync(string organizationId, string? collectionId, string jobId, CancellationToken ct)
    {
        var (isThere, uploads) = await database.WriteAsync<(bool, IReadOnlyList<string>)>(
            async tx =>
            {
                var now = time.Now();
                var job = await tx.Connection!.QuerySingleOrDefaultAsync<JobRow?>(
                    $"SELECT {JobRow.Columns} FROM job WHERE {JobRow.IsThere}", new { jobId, organizationId, collectionId, now }, tx);
                if (job is not { CompletedAt: null }) return (job is not null, []);

                // The no-op update locks all of the job's work: whoever ends a lease now sees either no cancellation or all of it.
                await tx.Connection!.ExecuteAsync("UPDATE work SET state = state WHERE job_id = @jobId", new { jobId }, tx);
                var open = (await tx.Connection!.QueryAsync<OpenItem>(
                    $"DELETE FROM work WHERE job_id = @jobId AND (state = 0 OR lease_until <= {database.Dialect.LeaseNow}) RETURNING item_id, job_id",
                    new { jobId, now = clock.Now },
                    tx)).AsList();
                var ended = await FailCancelledAsync(tx, open, now);
                await tx.Connection!.ExecuteAsync("UPDATE job SET cancelled_at = COALESCE(cancelled_at, @now) WHERE id = @jobId", new { jobId, now }, tx);
                var counts = new JsonObject { ["items"] = open.Count };
                if (job.CancelledAt is null) await audit.RecordAsync(tx, organizationId, AuditEvent.OfBatch(AuditActions.BatchCancelled, jobId, job.CollectionId) with { Details = counts });
                return (true, ended.Uploads);
            },
            ct);
        if (isThere) events.Changed([jobId]);
        foreach (var upload in uploads) DeleteUpload(upload);
        return isThere;
    }

    /// <summary>Ends leases without a completion; an item of a cancelled job ends with its lease, for it must not run again.</summary>
    private async Task<int> ReleaseAsync(Func<DbTransaction, Task<int>> release, CancellationToken ct)
    {
        var (released, ended) = await database.WriteAsync(async tx => (await release(tx), await EndCancelledAsync(tx)), ct);
        events.Changed(ended.Jobs);
        foreach (var upload in ended.Uploads) DeleteUpload(upload);
        return released;
    }

    /// <summary>Fails what has come back to the queue of cancelled jobs, before anybody can claim it.</summary>
    private async Task<Ended> EndCancelledAsync(DbTransaction tx)
    {
        // +state: else SQLite goes by the index of all that waits, and not by the few jobs.
        var back = (await tx.Connection!.QueryAsync<OpenItem>(
            """
            DELETE FROM work
            WHERE +state = 0 AND job_id IN (SELECT id FROM job WHERE cancelled_at IS NOT NULL AND completed_at IS NULL)
            RETURNING item_id, job_id
            """,
            null,
            tx)).AsList();
        return await FailCancelledAsync(tx, back, time.Now());
    }

    /// <summary>A cancelled item keeps its upload, as every failed one does: it can be retried. But not that of a dry run.</summary>
    private async Task<Ended> FailCancelledAsync(DbTransaction tx, IReadOnlyCollection<OpenItem> items, long now)
    {
        if (items.Count == 0) return Ended.Nothing;

        await tx.Connection!.ExecuteAsync(
            $"""
            UPDATE job_item SET state = {ItemRow.Failed}, outcome = 'failed', error_code = '{ErrorCodes.Cancelled}', error_message = 'The job was cancelled.'
            WHERE id IN @ids AND state = 0
            """,
            new { ids = items.Select(item => item.ItemId) },
            tx);
        var jobs = items.GroupBy(item => item.JobId).Select(job => new JobProgress(job.Key, Succeeded: 0, Failed: job.Count())).ToList();
        await JobCounters.AddAsync(tx, jobs, now, _options.KeepJobs);
        var ids = jobs.ConvertAll(job => job.JobId);
        return new Ended(ids, await DropDryUploadsAsync(tx, ids));
    }

    /// <summary>The uploads of dry runs whose items have ended without being worked on, to be deleted after the commit.</summary>
    private static async Task<IReadOnlyList<string>> DropDryUploadsAsync(DbTransaction tx, IReadOnlyCollection<string> jobs)
    {
        const string done =
            "blob IS NOT NULL AND job_id IN (SELECT id FROM job WHERE id IN @jobs AND dry_run = 1) AND (state <> 0 OR job_id IN (SELECT id FROM job WHERE id IN @jobs AND status = 'failed'))";
        var uploads = (await tx.Connection!.QueryAsync<string>($"SELECT blob FROM job_item WHERE {done}", new { jobs }, tx)).AsList();
        if (uploads.Count > 0) await tx.Connection!.ExecuteAsync($"UPDATE job_item SET blob = NULL WHERE {done}", new { jobs }, tx);
        return uploads;
    }

    /// <summary>Items that ended without being worked on: of which jobs, and the uploads that nobody owns any more.</summary>
    private sealed record Ended(IReadOnlyList<string> Jobs, IReadOnlyList<string> Uploads)
    {
        public static Ended Nothing { get; } = new([], []);
    }

    private sealed record OpenItem
    {
        public required string ItemId { get; init; }

        public required string JobId { get; init; }
    }
}
