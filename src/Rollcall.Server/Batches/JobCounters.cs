using System.Data.Common;
using Dapper;

namespace Rollcall.Server.Batches;

/// <summary>Items of a job that have become final.</summary>
internal sealed record JobProgress(string JobId, int Succeeded, int Failed);

/// <summary>The counters of jobs: added to, never read and written back; the last item closes its job, and what has ended stays ended.</summary>
internal static class JobCounters
{
    public static Task AddAsync(DbTransaction tx, IEnumerable<JobProgress> jobs, long now, TimeSpan kept) => tx.Connection!.ExecuteAsync(
        """
        UPDATE job SET processed = processed + @n, succeeded = succeeded + @Succeeded, failed = failed + @Failed,
          status = CASE WHEN processed + @n = total THEN 'done' ELSE 'processing' END, started_at = COALESCE(started_at, @now),
          completed_at = CASE WHEN processed + @n = total THEN @now END,
          expires_at = CASE WHEN processed + @n = total THEN @expires END
        WHERE id = @JobId AND status IN ('queued', 'processing')
        """,
        jobs.OrderBy(job => job.JobId, StringComparer.Ordinal).Select(job => new
        {
            job.JobId,
            job.Succeeded,
            job.Failed,
            n = job.Succeeded + job.Failed,
            now,
            expires = now + (long)kept.TotalMilliseconds,
        }),
        tx);
}
