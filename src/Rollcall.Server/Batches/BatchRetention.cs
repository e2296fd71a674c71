using Dapper;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Batches;

/// <summary>Ends what has had its time: finished jobs with their results, leftover uploads and superseded references, and blobs without a row.</summary>
internal sealed partial class BatchRetention(Database database, FileBlobStore blobs, TimeProvider time, ILogger<BatchRetention> logger) : BackgroundService
{
    private const int JobsAtOnce = 50;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    // An upload that is being received has blobs and no rows yet; none takes a day.
    private static readonly TimeSpan OrphanAge = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await PurgeAsync(stoppingToken) == JobsAtOnce)
                {
                }

                await SweepAsync(time.GetUtcNow() - OrphanAge, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(e);
            }
        }
    }

    /// <summary>Rows first, blobs after: a process that dies in between leaves blobs that the sweep finds, never a row without its image.</summary>
    public async Task<int> PurgeAsync(CancellationToken ct)
    {
        var (jobs, uploads) = await database.WriteAsync(
            async tx =>
            {
                var ids = (await tx.Connection!.QueryAsync<string>(
                    "SELECT id FROM job WHERE expires_at <= @now ORDER BY id LIMIT @most", new { now = time.Now(), most = JobsAtOnce }, tx)).AsList();
                if (ids.Count == 0) return (0, []);

                var owned = await tx.Connection!.QueryAsync<string>("SELECT blob FROM job_item WHERE job_id IN @ids AND blob IS NOT NULL", new { ids }, tx);
                await tx.Connection!.ExecuteAsync(
                    """
                    DELETE FROM face WHERE superseded_by IN @ids;
                    DELETE FROM job_item WHERE job_id IN @ids;
                    DELETE FROM job WHERE id IN @ids;
                    """,
                    new { ids },
                    tx);
                return (ids.Count, owned.AsList());
            },
            ct);

        foreach (var upload in uploads) blobs.Delete(upload);
        if (jobs > 0) LogPurged(jobs, uploads.Count);
        return jobs;
    }

    /// <summary>Removes blobs that no row names and that were last written before <paramref name="before"/>.</summary>
    public async Task<int> SweepAsync(DateTimeOffset before, CancellationToken ct)
    {
        var removed = 0;
        foreach (var group in blobs.Groups())
        {
            var old = blobs.WrittenBefore(group, before);
            if (old.Count == 0)
            {
                blobs.DeleteEmptyGroup(group, before);
                continue;
            }

            var named = await database.ReadAsync(
                tx => tx.Connection!.QueryAsync<string>("SELECT blob FROM job_item WHERE blob IN @old", new { old }, tx), ct);
            foreach (var orphan in old.Except(named, StringComparer.Ordinal))
            {
                blobs.Delete(orphan);
                removed++;
            }
        }

        if (removed > 0) LogSwept(removed);
        return removed;
    }

    [LoggerMessage(2201, LogLevel.Information, "{Jobs} jobs had expired and are gone, with {Uploads} leftover uploads.")]
    private partial void LogPurged(int jobs, int uploads);

    [LoggerMessage(2202, LogLevel.Information, "{Blobs} blobs that belonged to nothing are gone.")]
    private partial void LogSwept(int blobs);

    [LoggerMessage(2203, LogLevel.Error, "Retention failed; trying again at its next turn.")]
    private partial void LogFailed(Exception exception);
}
