using Dapper;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Enrolment;

internal sealed partial class WorkQueue
{
    /// <summary>
    /// Ends a job of which nothing was enrolled yet; false when an item is final already or the job was cancelled, so that the others must
    /// end one by one, or when the job was ended meanwhile.
    /// </summary>
    public async Task<bool> FailJobAsync(string jobId, string code, string message, CancellationToken ct)
    {
        var (failed, uploads) = await database.WriteAsync<(bool, IReadOnlyList<string>)>(
            async tx =>
            {
                var now = time.Now(); // not before its turn came: whoever was faster may have begun the job later than that
                var parameters = new { jobId, code, message, now, expires = now + (long)_options.KeepJobs.TotalMilliseconds };
                const string unbegun = "SELECT COUNT(*) FROM job WHERE id = @jobId AND processed = 0 AND status IN ('queued', 'processing') AND cancelled_at IS NULL";
                if (await tx.Connection!.ExecuteScalarAsync<long>(unbegun, parameters, tx) == 0) return (false, []);

                await tx.Connection!.ExecuteAsync(
                    """
                    DELETE FROM work WHERE job_id = @jobId;
                    UPDATE job SET status = 'failed', error_code = @code, error_message = @message, completed_at = @now, expires_at = @expires
                    WHERE id = @jobId AND processed = 0 AND status IN ('queued', 'processing');
                    """,
                    parameters,
                    tx);
                return (true, await DropDryUploadsAsync(tx, [jobId]));
            },
            ct);
        if (failed) events.Changed([jobId]);
        foreach (var upload in uploads) DeleteUpload(upload);
        return failed;
    }
}
