using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Server.Audit;
using Rollcall.Server.Collections;
using Rollcall.Server.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Batches;

/// <summary>Deletes a finished job with what was kept for its sake. What it enrolled and what stands stays.</summary>
/// <remarks>
/// 1. The references that it superseded go, with their vectors: nothing could restore them any more.
/// 2. The job, its results and, with the last of its jobs, what was left of a deleted collection.
/// 3. After the commit the index of this process is brought level, the uploads and kept images go, and the database's log is emptied.
/// </remarks>
internal sealed class JobRemoval(Database database, FileBlobStore blobs, IndexFeed feed, AuditTrail audit, TimeProvider time)
{
    /// <summary>Null when it is gone. A caller that goes away does not stop it half-way.</summary>
    public async Task<Problem?> RemoveAsync(string organizationId, string? collectionId, string jobId)
    {
        var removed = await database.WriteAsync<Result<Removed>>(tx => RemoveAsync(tx, organizationId, collectionId, jobId), CancellationToken.None);
        if (removed.IsRefused(out var problem, out var job)) return problem;

        await feed.ForgetRemovedAsync(job!.CollectionId, CancellationToken.None); // 3
        try
        {
            blobs.DeleteAll(job.Images);
        }
        finally
        {
            await database.ScrubAsync(CancellationToken.None);
        }

        return null;
    }

    /// <summary>The rows of jobs. Returns the uploads that their items owned, to be deleted after the commit.</summary>
    public static async Task<IReadOnlyList<string>> DropAsync(DbTransaction tx, IReadOnlyCollection<string> ids)
    {
        var uploads = (await tx.Connection!.QueryAsync<string>("SELECT blob FROM job_item WHERE job_id IN @ids AND blob IS NOT NULL", new { ids }, tx)).AsList();
        await tx.Connection!.ExecuteAsync(
            $"""
            DELETE FROM job_item WHERE job_id IN @ids;
            DELETE FROM job WHERE id IN @ids;
            {CollectionRemoval.DropTombstones};
            """,
            new { ids },
            tx);
        return uploads;
    }

    private async Task<Result<Removed>> RemoveAsync(DbTransaction tx, string organizationId, string? collectionId, string jobId)
    {
        var now = time.Now();
        var row = await tx.Connection!.QuerySingleOrDefaultAsync<JobRow>(
            $"SELECT {JobRow.Columns} FROM job WHERE {JobRow.IsThere}", new { jobId, organizationId, collectionId, now }, tx);
        if (row is null) return BatchStore.NotFound();
        if (row.CompletedAt is null) return BatchStore.NotFinished();

        var superseded = (await tx.Connection!.QueryAsync<RemovedFace>(
            $"SELECT {RemovedFace.Columns} FROM face WHERE superseded_by = @jobId", new { jobId }, tx)).AsList();
        await FaceRemoval.RemoveAsync(tx, superseded, now); // 1
        var uploads = await DropAsync(tx, [jobId]); // 2
        await FaceRemoval.DropPersonsAsync(tx, FaceRemoval.PersonsOf(superseded));
        var counts = new JsonObject { ["superseded_faces"] = superseded.Count, ["uploads"] = uploads.Count };
        await audit.RecordAsync(tx, organizationId, AuditEvent.OfBatch(AuditActions.BatchDeleted, jobId, row.CollectionId) with { Details = counts });
        return new Removed(row.CollectionId, [.. uploads, .. FaceRemoval.ImagesOf(superseded)]);
    }

    private sealed record Removed(string CollectionId, IReadOnlyList<string> Images);
}
