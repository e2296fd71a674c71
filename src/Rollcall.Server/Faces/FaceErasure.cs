using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Server.Batches;
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
/// 3. The references go, superseded ones too; tombstones tell indexes, for one may not have heard even of the superseding.
/// 4. After the commit the uploads go, and the index of this process is brought level.
/// </remarks>
internal sealed class FaceErasure(
    Database database, FileBlobStore blobs, BatchEvents events, IndexFeed feed, IOptions<QueueOptions> queue, TimeProvider time)
{
    /// <summary>Null when nothing is known of this person here.</summary>
    public async Task<DeletionReceipt?> ErasePersonAsync(string organizationId, string collectionId, string externalId, CancellationToken ct)
    {
        var key = new { organizationId, collectionId, externalId };
        var (receipt, uploads, jobs) = await database.WriteAsync(
            async tx =>
            {
                var items = (await tx.Connection!.QueryAsync<(string Id, string JobId, long State, string? Blob)>(
                    """
                    SELECT i.id, i.job_id, i.state, i.blob FROM job_item i JOIN job j ON j.id = i.job_id
                    WHERE i.external_id = @externalId AND j.collection_id = @collectionId AND j.organization_id = @organizationId
                    """,
                    key,
                    tx)).AsList();
                var open = items.FindAll(item => item.State == 0);
                await EndOpenAsync(tx, open.ConvertAll(item => (item.Id, item.JobId))); // 1, 2
                await ForgetAsync(tx, items.ConvertAll(item => item.Id));

                var person = await tx.Connection!.ExecuteScalarAsync<long?>(
                    "SELECT num FROM person WHERE collection_id = @collectionId AND external_id = @externalId", key, tx);
                var faces = person is null ? [] : (await tx.Connection!.QueryAsync<(long Num, long State)>(
                    "SELECT num, state FROM face WHERE person_num = @person AND organization_id = @organizationId", new { person, organizationId }, tx)).AsList();
                var standing = faces.FindAll(face => face.State == 0).ConvertAll(face => face.Num);
                await RemoveAsync(tx, collectionId, faces.ConvertAll(face => face.Num), standing, person); // 3

                var owned = items.FindAll(item => item.Blob is not null).ConvertAll(item => item.Blob!);
                var found = items.Count + faces.Count == 0 ? null : new DeletionReceipt
                {
                    Deleted = true,
                    Faces = standing.Count,
                    SupersededFaces = faces.Count - standing.Count,
                    Uploads = owned.Count,
                    EndedItems = open.Count,
                    DeletedAt = time.GetUtcNow(),
                };
                return (found, owned, open.ConvertAll(item => item.JobId));
            },
            ct);

        await FinishAsync(collectionId, uploads, jobs, receipt is not null, ct);
        return receipt;
    }

    /// <summary>One standing reference; null when there is none of this id here.</summary>
    public async Task<DeletionReceipt?> DeleteFaceAsync(string organizationId, string collectionId, string faceId, CancellationToken ct)
    {
        var receipt = await database.WriteAsync(
            async tx =>
            {
                var (num, person) = await tx.Connection!.QuerySingleOrDefaultAsync<(long, long)>(
                    "SELECT num, person_num FROM face WHERE id = @faceId AND collection_id = @collectionId AND organization_id = @organizationId AND state = 0",
                    new { faceId, collectionId, organizationId },
                    tx);
                if (num == 0) return null;

                var others = await tx.Connection!.ExecuteScalarAsync<long>(
                    "SELECT COUNT(*) FROM face WHERE person_num = @person AND state = 0 AND num <> @num", new { person, num }, tx);
                await RemoveAsync(tx, collectionId, [num], [num], others == 0 ? person : null);
                return new DeletionReceipt { Deleted = true, Faces = 1, DeletedAt = time.GetUtcNow() };
            },
            ct);
        await FinishAsync(collectionId, [], [], receipt is not null, ct);
        return receipt;
    }

    private async Task FinishAsync(string collectionId, List<string> uploads, List<string> jobs, bool hasChanged, CancellationToken ct)
    {
        foreach (var upload in uploads) blobs.Delete(upload);
        events.Changed(jobs.Distinct());
        if (hasChanged) await feed.ForgetRemovedAsync(collectionId, ct);
    }

    private async Task EndOpenAsync(DbTransaction tx, List<(string Id, string JobId)> open)
    {
        if (open.Count == 0) return;

        await tx.Connection!.ExecuteAsync(
            $"""
            DELETE FROM work WHERE item_id IN @ids;
            UPDATE job_item SET state = 2, outcome = 'failed', error_code = '{ErrorCodes.Erased}', error_message = 'The person was erased.' WHERE id IN @ids AND state = 0;
            """,
            new { ids = open.ConvertAll(item => item.Id) },
            tx);
        var jobs = open.GroupBy(item => item.JobId).Select(job => new JobProgress(job.Key, Succeeded: 0, Failed: job.Count()));
        await JobCounters.AddAsync(tx, jobs, time.Now(), queue.Value.KeepJobs);
    }

    private static Task ForgetAsync(DbTransaction tx, List<string> items) => items.Count == 0 ? Task.CompletedTask : tx.Connection!.ExecuteAsync(
        """
        UPDATE job_item SET external_id = '', metadata = NULL, blob = NULL, image_sha256 = '', box_x = NULL, box_y = NULL, box_width = NULL,
          box_height = NULL, error_details = NULL
        WHERE id IN @items
        """,
        new { items },
        tx);

    /// <summary>Deletes references, and the person with them when no reference stands any more.</summary>
    private async Task RemoveAsync(DbTransaction tx, string collectionId, List<long> faces, List<long> standing, long? person)
    {
        if (faces.Count > 0) await tx.Connection!.ExecuteAsync("DELETE FROM face WHERE num IN @faces", new { faces }, tx);
        if (person is not null)
        {
            await tx.Connection!.ExecuteAsync(
                "DELETE FROM person WHERE num = @person AND NOT EXISTS (SELECT 1 FROM face WHERE person_num = @person)", new { person }, tx);
        }

        if (faces.Count == 0) return;
        var before = await tx.Connection!.ExecuteScalarAsync<long>(
            """
            UPDATE collection SET change_seq = change_seq + @n, face_count = face_count - @standing, person_count = person_count - @persons
            WHERE id = @collectionId RETURNING change_seq - @n
            """,
            new { n = faces.Count, standing = standing.Count, persons = person is null || standing.Count == 0 ? 0 : 1, collectionId },
            tx);
        await tx.Connection!.ExecuteAsync(
            "INSERT INTO face_tombstone (collection_id, change_seq, face_num, created_at) VALUES (@collectionId, @seq, @num, @now)",
            faces.Select((num, i) => new { collectionId, seq = before + i + 1, num, now = time.Now() }),
            tx);
    }
}
