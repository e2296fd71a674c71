using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Collections;

/// <summary>Deletes a collection with all that it holds. What stays is an empty row, for as long as its jobs can be read about.</summary>
/// <remarks>
/// 1. The work rows go, so whoever holds a lease has lost it, and nothing more is enrolled.
/// 2. References, superseded ones too, persons and the marks of those who were not to be enrolled go.
/// 3. Queued jobs end failed, running ones done with their open items failed; all items give up their uploads and forget who it was.
/// 4. The row becomes a tombstone, which takes no job and no reference any more; without a job it goes as well.
/// 5. After the commit the index, the uploads and the kept images go; if the process dies in between, the sweep takes the files.
/// </remarks>
internal sealed class CollectionRemoval(
    Database database, FileBlobStore blobs, IndexFeed feed, BatchEvents events, AuditTrail audit, TimeProvider time, IOptions<QueueOptions> options)
{
    /// <summary>Tombstones that no job names any more. Those of an organization that is being deleted are not empty yet and go with it.</summary>
    public const string DropTombstones =
        """
        DELETE FROM collection WHERE deleted_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM job WHERE job.collection_id = collection.id)
          AND organization_id NOT IN (SELECT id FROM organization WHERE deleted_at IS NOT NULL)
        """;

    /// <summary>The receipt; null when there is no such collection. A caller that goes away does not stop it half-way.</summary>
    public async Task<CollectionDeleted?> RemoveAsync(string organizationId, string id)
    {
        var removed = await database.WriteAsync(tx => RemoveAsync(tx, organizationId, id), CancellationToken.None);
        if (removed is not var (receipt, jobs, images)) return null;

        feed.Drop(id); // 5
        events.Changed(jobs);
        try
        {
            blobs.DeleteAll(images);
        }
        finally
        {
            await database.ScrubAsync(CancellationToken.None);
        }

        return receipt;
    }

    private async Task<(CollectionDeleted Receipt, IReadOnlyList<string> Jobs, IReadOnlyList<string> Images)?> RemoveAsync(
        DbTransaction tx, string organizationId, string id)
    {
        var there = await tx.Connection!.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM collection WHERE id = @id AND organization_id = @organizationId AND deleted_at IS NULL", new { id, organizationId }, tx);
        if (there == 0) return null;

        var open = (await tx.Connection!.QueryAsync<string>(
            "SELECT id FROM job WHERE collection_id = @id AND status IN ('queued', 'processing') ORDER BY id", new { id }, tx)).AsList();
        var images = (await tx.Connection!.QueryAsync<string>(
            """
            SELECT i.blob FROM job_item i JOIN job j ON j.id = i.job_id WHERE j.collection_id = @id AND i.blob IS NOT NULL
            UNION ALL
            SELECT image FROM face WHERE collection_id = @id AND image IS NOT NULL
            """,
            new { id },
            tx)).AsList();
        var (faces, persons) = await tx.Connection!.QuerySingleAsync<(long, long)>(
            "SELECT COUNT(*), COUNT(DISTINCT person_num) FROM face WHERE collection_id = @id", new { id }, tx);

        var now = time.Now();
        await tx.Connection!.ExecuteAsync(
            $"""
            DELETE FROM work WHERE job_id IN (SELECT id FROM job WHERE collection_id = @id);

            DELETE FROM face WHERE collection_id = @id;
            DELETE FROM person WHERE collection_id = @id;
            DELETE FROM face_tombstone WHERE collection_id = @id;
            DELETE FROM idempotency WHERE collection_id = @id;
            DELETE FROM suppression WHERE collection_id = @id;

            UPDATE job_item SET state = {ItemRow.Failed}, outcome = 'failed', error_code = '{ErrorCodes.Cancelled}', error_message = @why
            WHERE state = 0 AND job_id IN (SELECT id FROM job WHERE collection_id = @id AND status = 'processing');
            UPDATE job_item SET blob = NULL, {ItemRow.Forget} WHERE job_id IN (SELECT id FROM job WHERE collection_id = @id);
            UPDATE job SET status = 'done', failed = failed + total - processed, processed = total, completed_at = @now, expires_at = @expires
            WHERE collection_id = @id AND status = 'processing';
            UPDATE job SET status = 'failed', error_code = '{ErrorCodes.CollectionNotFound}', error_message = @why, completed_at = @now, expires_at = @expires
            WHERE collection_id = @id AND status = 'queued';

            UPDATE collection SET deleted_at = @now, name = '', description = NULL, settings = '', keep_images = 0, retention_days = NULL,
              face_count = 0, person_count = 0, purged_seq = change_seq
            WHERE id = @id;
            {DropTombstones} AND id = @id;
            """,
            new { id, now, expires = now + (long)options.Value.KeepJobs.TotalMilliseconds, why = "The collection was deleted." },
            tx);
        var receipt = new CollectionDeleted { Deleted = true, Faces = faces, Persons = persons, Jobs = open.Count, Images = images.Count };
        var counts = new JsonObject { ["faces"] = faces, ["persons"] = persons, ["jobs"] = open.Count, ["images"] = images.Count };
        await audit.RecordAsync(tx, organizationId, AuditEvent.OfCollection(AuditActions.CollectionDeleted, id) with { Details = counts });
        return (receipt, open, images);
    }
}
