using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;
using Rollcall.Server.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Batches;

/// <summary>Takes back what a finished job enrolled, person by person, and lets stand again what it superseded.</summary>
/// <remarks>
/// 1. A person who carries a reference of a later accepted job, or of a later single enrolment, is left as it is: the later wins here too.
/// 2. Of the others the references that the job made go for good, also those that a later job superseded meanwhile: else the undoing of
///    that one would bring them back.
/// 3. Those that the job superseded stand again, under new numbers, which is how an index hears of them.
/// 4. The answer is kept with the job. Its counters and outcomes stay: they tell what it did.
/// 5. After the commit the index of this process is brought level, kept images go, and the database's log is emptied.
/// </remarks>
internal sealed class JobUndo(Database database, FileBlobStore blobs, BatchEvents events, IndexFeed feed, AuditTrail audit, TimeProvider time)
{
    private const string Made = "source_item_id IN (SELECT id FROM job_item WHERE job_id = @jobId)";

    /// <summary>What it came to, also for a job that was undone before. A caller that goes away does not stop it half-way.</summary>
    public async Task<Result<JobUndone>> UndoAsync(string organizationId, string? collectionId, string jobId)
    {
        var undone = await database.WriteAsync<Result<Outcome>>(tx => UndoAsync(tx, organizationId, collectionId, jobId), CancellationToken.None);
        if (undone.IsRefused(out var problem, out var outcome)) return problem;
        if (!outcome!.IsNew) return outcome.Answer;

        events.Changed([jobId]); // 5
        await feed.ForgetRemovedAsync(outcome.CollectionId, CancellationToken.None);
        blobs.DeleteAll(outcome.Images);
        await database.ScrubAsync(CancellationToken.None);
        return outcome.Answer;
    }

    private async Task<Result<Outcome>> UndoAsync(DbTransaction tx, string organizationId, string? collectionId, string jobId)
    {
        var now = time.Now();
        var row = await tx.Connection!.QuerySingleOrDefaultAsync<UndoRow>(
            $"SELECT collection_id, accept_seq, completed_at, undone FROM job WHERE {JobRow.IsThere}", new { jobId, organizationId, collectionId, now }, tx);
        if (row is null) return BatchStore.NotFound();
        if (row.CompletedAt is null) return BatchStore.NotFinished();
        if (row.Undone is { } before) return new Outcome(JsonSerializer.Deserialize<JobUndone>(before, RollcallJson.Options)!, row.CollectionId, [], IsNew: false);

        // The no-op update locks: persons come before jobs and collections.
        var persons = (await tx.Connection!.QueryAsync<long>(
            $"""
            UPDATE person SET external_id = external_id
            WHERE num IN (SELECT person_num FROM face WHERE {Made} UNION SELECT person_num FROM face WHERE superseded_by = @jobId) RETURNING num
            """,
            new { jobId },
            tx)).AsList();
        var newer = await tx.Connection!.QueryAsync<long>( // 1
            "SELECT DISTINCT person_num FROM face WHERE person_num IN @persons AND state = 0 AND owner_seq > @AcceptSeq", new { persons, row.AcceptSeq }, tx);
        var left = newer.AsList();
        persons.RemoveAll(left.Contains);

        var made = (await tx.Connection!.QueryAsync<RemovedFace>( // 2
            $"SELECT {RemovedFace.Columns} FROM face WHERE {Made} AND person_num IN @persons", new { jobId, persons }, tx)).AsList();
        await FaceRemoval.RemoveAsync(tx, made, now);
        var returning = (await tx.Connection!.QueryAsync<RemovedFace>(
            $"SELECT {RemovedFace.Columns} FROM face WHERE superseded_by = @jobId AND person_num IN @persons", new { jobId, persons }, tx)).AsList();
        var restored = await RestoreAsync(tx, row.CollectionId, jobId, persons); // 3
        await FaceRemoval.DropPersonsAsync(tx, persons);

        var answer = new JobUndone { Restored = restored, Removed = made.Count, Left = await LeftAsync(tx, jobId, left) };
        await tx.Connection!.ExecuteAsync( // 4
            "UPDATE job SET undone_at = @now, undone = @undone WHERE id = @jobId AND undone_at IS NULL", new { now, undone = JsonSerializer.Serialize(answer, RollcallJson.Options), jobId }, tx);
        await audit.RecordAsync(
            tx,
            organizationId,
            [
                AuditEvent.OfBatch(AuditActions.BatchUndone, jobId, row.CollectionId) with { Details = new JsonObject { ["restored"] = restored, ["removed"] = made.Count, ["left"] = answer.Left.Count } },
                .. made.Select(face => face.ToEvent(AuditActions.FaceDeleted, jobId)),
                .. returning.Select(face => face.ToEvent(AuditActions.FaceRestored, jobId)),
            ]);
        return new Outcome(answer, row.CollectionId, FaceRemoval.ImagesOf(made), IsNew: true);
    }

    private static async Task<int> RestoreAsync(DbTransaction tx, string collectionId, string jobId, List<long> persons)
    {
        var (faces, returning) = await tx.Connection!.QuerySingleAsync<(long, long)>(
            """
            SELECT COUNT(*), COUNT(DISTINCT CASE WHEN NOT EXISTS (SELECT 1 FROM face s WHERE s.person_num = f.person_num AND s.state = 0) THEN f.person_num END)
            FROM face f WHERE f.superseded_by = @jobId AND f.person_num IN @persons
            """,
            new { jobId, persons },
            tx);
        if (faces == 0) return 0;

        var before = await tx.Connection!.ExecuteScalarAsync<long>(
            """
            UPDATE collection SET change_seq = change_seq + @faces, face_count = face_count + @faces, person_count = person_count + @returning
            WHERE id = @collectionId RETURNING change_seq - @faces
            """,
            new { faces, returning, collectionId },
            tx);
        return await tx.Connection!.ExecuteAsync(
            """
            UPDATE face SET state = 0, superseded_by = NULL, change_seq = @before + back.n
            FROM (SELECT num, ROW_NUMBER() OVER (ORDER BY num) AS n FROM face WHERE superseded_by = @jobId AND person_num IN @persons) AS back
            WHERE face.num = back.num
            """,
            new { before, jobId, persons },
            tx);
    }

    /// <summary>The items that a person who is left owes a reference to, or the superseding of one.</summary>
    private static async Task<IReadOnlyList<ItemLeft>> LeftAsync(DbTransaction tx, string jobId, List<long> persons)
    {
        var indexes = await tx.Connection!.QueryAsync<int>(
            $"""
            SELECT i.item_index FROM job_item i JOIN job j ON j.id = i.job_id
            WHERE i.job_id = @jobId AND i.outcome IN ('enrolled', 'replaced', 'unchanged') AND EXISTS (
              SELECT 1 FROM person p JOIN face f ON f.person_num = p.num
              WHERE p.collection_id = j.collection_id AND p.external_id = i.external_id AND p.num IN @persons
                AND (f.source_item_id = i.id OR f.superseded_by = @jobId))
            ORDER BY i.item_index
            """,
            new { jobId, persons },
            tx);
        return [.. indexes.Select(index => new ItemLeft { Index = index, Reason = ItemLeft.NewerReference })];
    }

    private sealed record Outcome(JobUndone Answer, string CollectionId, IReadOnlyList<string> Images, bool IsNew);

    private sealed record UndoRow
    {
        public required string CollectionId { get; init; }

        public required long AcceptSeq { get; init; }

        public long? CompletedAt { get; init; }

        public string? Undone { get; init; }
    }
}
