using System.Data.Common;
using Dapper;
using Rollcall.Server.Audit;
using Rollcall.Server.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Batches;

/// <summary>Ends what has had its time: finished jobs with their results, leftover uploads and superseded references, and blobs without a row.</summary>
internal sealed partial class BatchRetention(
    Database database, FileBlobStore blobs, BatchIntake intake, IdempotencyStore idempotency, AuditTrail audit, TimeProvider time, ILogger<BatchRetention> logger)
    : PeriodicService(TimeSpan.FromMinutes(10), time, logger)
{
    private const int JobsAtOnce = 50;
    private const int GroupsAtOnce = 500;
    private const int BlobsAtOnce = 1000;

    // What an upload wrote long ago and no row names is left over; one that is being received by this process is known besides.
    private static readonly TimeSpan OrphanAge = TimeSpan.FromDays(1);

    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;

    protected override async Task RunAsync(CancellationToken ct)
    {
        while (await PurgeAsync(ct) == JobsAtOnce)
        {
        }

        await idempotency.PurgeAsync(ct);
        await SweepAsync(_time.GetUtcNow() - OrphanAge, ct);
    }

    /// <summary>Rows first, blobs after: a process that dies in between leaves blobs that the sweep finds, never a row without its image.</summary>
    public async Task<int> PurgeAsync(CancellationToken ct)
    {
        var (jobs, images) = await database.WriteAsync(
            async tx =>
            {
                var jobs = (await tx.Connection!.QueryAsync<(string Id, string OrganizationId, string CollectionId)>(
                    "SELECT id, organization_id, collection_id FROM job WHERE expires_at <= @now ORDER BY id LIMIT @most", new { now = _time.Now(), most = JobsAtOnce }, tx)).AsList();
                if (jobs.Count == 0) return (0, []);
                var ids = jobs.ConvertAll(job => job.Id);

                var superseded = (await tx.Connection!.QueryAsync<RemovedFace>(
                    $"SELECT {RemovedFace.Columns} FROM face WHERE superseded_by IN @ids", new { ids }, tx)).AsList();
                await tx.Connection!.ExecuteAsync(
                    """
                    UPDATE collection SET purged_seq = gone.seq
                    FROM (SELECT collection_id, MAX(change_seq) AS seq FROM face WHERE superseded_by IN @ids GROUP BY collection_id) AS gone
                    WHERE collection.id = gone.collection_id AND collection.purged_seq < gone.seq;
                    DELETE FROM face WHERE superseded_by IN @ids;
                    """,
                    new { ids },
                    tx);
                var uploads = await JobRemoval.DropAsync(tx, ids);
                await FaceRemoval.DropPersonsAsync(tx, FaceRemoval.PersonsOf(superseded));
                await AuditTrail.AddAsync(tx, jobs.SelectMany(job => audit.RowsOf(
                    job.OrganizationId, AuditSource.System, [AuditEvent.OfBatch(AuditActions.BatchExpired, job.Id, job.CollectionId)])));
                return (ids.Count, (IReadOnlyList<string>)[.. uploads, .. FaceRemoval.ImagesOf(superseded)]);
            },
            ct);

        blobs.DeleteAll(images);
        if (jobs > 0) LogPurged(_logger, jobs, images.Count);
        return jobs;
    }

    /// <summary>Removes blobs that no row names and that were last written before <paramref name="before"/>.</summary>
    public async Task<int> SweepAsync(DateTimeOffset before, CancellationToken ct)
    {
        var removed = 0;
        foreach (var groups in blobs.Groups().Where(group => !intake.IsReceiving(group)).Chunk(GroupsAtOnce))
        {
            var old = groups.SelectMany(group => blobs.WrittenBefore(group, before)).ToHashSet(StringComparer.Ordinal);
            old.ExceptWith(await database.ReadAsync(tx => OwnedAsync(tx, groups, old), ct));
            foreach (var orphan in old) blobs.Delete(orphan);
            foreach (var group in groups) blobs.DeleteEmptyGroup(group, before);
            removed += old.Count;
        }

        if (removed > 0) LogSwept(_logger, removed);
        return removed;
    }

    /// <summary>Those that a row names, from one snapshot: an item may hand its upload over at any moment, to the reference that it made or to a retry.</summary>
    private static async Task<HashSet<string>> OwnedAsync(DbTransaction tx, string[] groups, HashSet<string> blobs)
    {
        var owned = (await tx.Connection!.QueryAsync<string>(
            "SELECT blob FROM job_item WHERE job_id IN @groups AND blob IS NOT NULL", new { groups }, tx)).ToHashSet(StringComparer.Ordinal);
        foreach (var names in blobs.Except(owned).Chunk(BlobsAtOnce).ToList())
        {
            owned.UnionWith(await tx.Connection!.QueryAsync<string>(
                "SELECT image FROM face WHERE image IN @names UNION ALL SELECT blob FROM job_item WHERE blob IN @names", new { names }, tx));
        }

        return owned;
    }

    [LoggerMessage(2301, LogLevel.Information, "{Jobs} jobs had expired and are gone, with {Images} images.")]
    private static partial void LogPurged(ILogger logger, int jobs, int images);

    [LoggerMessage(2302, LogLevel.Information, "{Blobs} blobs that belonged to nothing are gone.")]
    private static partial void LogSwept(ILogger logger, int blobs);
}
