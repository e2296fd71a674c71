using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;
using Rollcall.Server.Batches;
using Rollcall.Server.Collections;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Faces;

/// <summary>
/// Deletion that deletes: rows with their vectors, then images, then the entries of this process's index, all before the answer.
/// </summary>
/// <remarks>
/// 1. Open items of the person lose their work; a worker that holds one has lost its lease and its result is thrown away.
/// 2. Those items end with ERASED, and all of the person's items forget who it was.
/// 3. The references go, superseded ones too, and the person. If that is asked for, a mark stays by which nobody enrols them again.
/// 4. After the commit the index of this process is brought level, the uploads and kept images go, and the database's log is emptied,
///    which has the rows as they were.
/// </remarks>
internal sealed partial class FaceErasure(
    Database database,
    FileBlobStore blobs,
    Suppressions suppressions,
    BatchEvents events,
    IndexFeed feed,
    AuditTrail audit,
    IOptions<QueueOptions> queue,
    TimeProvider time,
    ILogger<FaceErasure> logger)
{
    private const string OfCollection = "collection_id = @collectionId AND organization_id = @organizationId";

    private const string OfPerson =
        """
        FROM job_item i JOIN job j ON j.id = i.job_id
        WHERE i.external_id = @externalId AND j.collection_id = @collectionId AND j.organization_id = @organizationId
        """;

    // What was not worked on when its job failed as a whole ends no more.
    private const string IsOpen = "i.state = 0 AND j.status IN ('queued', 'processing')";

    /// <summary>
    /// Null when nothing is known of this person here; who is to be suppressed need not be known. A caller that goes away does not stop it half-way.
    /// </summary>
    public async Task<DeletionReceipt?> ErasePersonAsync(string organizationId, string collectionId, string externalId, bool suppress = false)
    {
        var key = new { organizationId, collectionId, externalId };
        var erased = await database.WriteAsync(
            async tx =>
            {
                var items = (await tx.Connection!.QueryAsync<(string JobId, string? Blob, long IsOpen)>(
                    $"SELECT i.job_id, i.blob, CASE WHEN {IsOpen} THEN 1 ELSE 0 END {OfPerson}", key, tx)).AsList();
                var open = items.FindAll(item => item.IsOpen == 1).ConvertAll(item => item.JobId);
                await EndAndForgetAsync(tx, key, open); // 1, 2

                var persons = (await tx.Connection!.QueryAsync<long>(
                    "SELECT num FROM person WHERE collection_id = @collectionId AND external_id = @externalId", key, tx)).AsList();
                var faces = (await tx.Connection!.QueryAsync<RemovedFace>(
                    $"SELECT {RemovedFace.Columns} FROM face WHERE person_num IN @persons AND organization_id = @organizationId",
                    new { persons, organizationId },
                    tx)).AsList();
                if (items.Count + faces.Count == 0 && !suppress) return null;

                await FaceRemoval.RemoveAsync(tx, faces, time.Now()); // 3
                await FaceRemoval.DropPersonsAsync(tx, persons);
                if (suppress && !await suppressions.AddAsync(tx, organizationId, collectionId, externalId)) throw new CollectionGoneException();
                var uploads = items.FindAll(item => item.Blob is not null).ConvertAll(item => item.Blob!);
                var receipt = ReceiptOf(faces) with { Uploads = uploads.Count, EndedItems = open.Count, Suppressed = suppress };
                await audit.RecordAsync(tx, organizationId, AuditEvent.OfFace(AuditActions.PersonErased, collectionId, null, externalId) with { Details = DetailsOf(receipt) });
                return new Erased(receipt, [.. uploads, .. FaceRemoval.ImagesOf(faces)], open);
            },
            CancellationToken.None);
        return await FinishAsync(collectionId, erased);
    }

    /// <summary>One standing reference; null when there is none of this id here.</summary>
    public async Task<DeletionReceipt?> DeleteFaceAsync(string organizationId, string collectionId, string faceId)
    {
        var erased = await database.WriteAsync(
            async tx =>
            {
                var faces = (await tx.Connection!.QueryAsync<RemovedFace>(
                    $"SELECT {RemovedFace.Columns} FROM face WHERE id = @faceId AND {OfCollection} AND state = 0", new { faceId, collectionId, organizationId }, tx)).AsList();
                if (faces.Count == 0) return null;

                await FaceRemoval.RemoveAsync(tx, faces, time.Now());
                await FaceRemoval.DropPersonsAsync(tx, FaceRemoval.PersonsOf(faces));
                await audit.RecordAsync(tx, organizationId, [.. faces.Select(face => face.ToEvent(AuditActions.FaceDeleted))]);
                return new Erased(ReceiptOf(faces), FaceRemoval.ImagesOf(faces), []);
            },
            CancellationToken.None);
        return await FinishAsync(collectionId, erased);
    }

    private DeletionReceipt ReceiptOf(List<RemovedFace> faces) => new()
    {
        Deleted = true,
        Faces = faces.Count(face => face.Stands),
        SupersededFaces = faces.Count(face => !face.Stands),
        Images = FaceRemoval.ImagesOf(faces).Count,
        DeletedAt = time.GetUtcNow(),
    };

    private static JsonObject DetailsOf(DeletionReceipt receipt) => new()
    {
        ["faces"] = receipt.Faces,
        ["superseded_faces"] = receipt.SupersededFaces,
        ["uploads"] = receipt.Uploads,
        ["ended_items"] = receipt.EndedItems,
        ["suppressed"] = receipt.Suppressed,
    };

    private async Task<DeletionReceipt?> FinishAsync(string collectionId, Erased? erased)
    {
        if (erased is null) return null;

        events.Changed(erased.EndedJobs.Distinct());
        await feed.ForgetRemovedAsync(collectionId, CancellationToken.None);
        try
        {
            blobs.DeleteAll(erased.Blobs);
        }
        finally
        {
            if (!await database.ScrubAsync(CancellationToken.None)) LogNotScrubbed();
        }

        return erased.Receipt;
    }

    private async Task EndAndForgetAsync(DbTransaction tx, object key, List<string> openJobs)
    {
        await tx.Connection!.ExecuteAsync(
            $"""
            DELETE FROM work WHERE item_id IN (SELECT i.id {OfPerson} AND {IsOpen});
            UPDATE job_item SET state = {ItemRow.Failed}, outcome = 'failed', error_code = '{ErrorCodes.Erased}', error_message = 'The person was erased.'
            WHERE id IN (SELECT i.id {OfPerson} AND {IsOpen});
            UPDATE job_item SET blob = NULL, {ItemRow.Forget} WHERE id IN (SELECT i.id {OfPerson});
            """,
            key,
            tx);
        var jobs = openJobs.GroupBy(id => id).Select(job => new JobProgress(job.Key, Succeeded: 0, Failed: job.Count()));
        await JobCounters.AddAsync(tx, jobs, time.Now(), queue.Value.KeepJobs);
    }

    [LoggerMessage(2503, LogLevel.Warning, "The database's log could not be emptied after a deletion, for somebody was reading; it still has pages of what was deleted until it is next emptied.")]
    private partial void LogNotScrubbed();

    private sealed record Erased(DeletionReceipt Receipt, IReadOnlyList<string> Blobs, IReadOnlyList<string> EndedJobs);
}
