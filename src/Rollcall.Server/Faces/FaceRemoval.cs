using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Server.Audit;

namespace Rollcall.Server.Faces;

/// <summary>A reference that is to go.</summary>
internal sealed record RemovedFace
{
    public const string Columns = "num, id, organization_id, collection_id, person_num, external_id, state, image";

    public required long Num { get; init; }

    public required string Id { get; init; }

    public required string OrganizationId { get; init; }

    public required string CollectionId { get; init; }

    public required long PersonNum { get; init; }

    public required string ExternalId { get; init; }

    public required long State { get; init; }

    /// <summary>The photograph that it kept, to be deleted after the commit.</summary>
    public string? Image { get; init; }

    public bool Stands => State == 0;

    /// <summary>What the audit log has of it; with the job, if it is one that brought it about.</summary>
    public AuditEvent ToEvent(string action, string? jobId = null) => AuditEvent.OfFace(action, CollectionId, Id, ExternalId) with
    {
        Details = jobId is null ? null : new JsonObject { ["job_id"] = jobId },
    };
}

/// <summary>Removes references from the tables, whoever asks for it: a deletion, an erasure, or their age.</summary>
internal static class FaceRemoval
{
    // A statement takes a bounded number of variables, and a person may have any number of superseded references.
    private const int FacesAtOnce = 1000;

    /// <summary>
    /// The rows with their vectors, the counts, and a tombstone for each: superseded ones too, for an index may not have heard even of the
    /// superseding. The persons stay, locked; see <see cref="DropPersonsAsync"/>.
    /// </summary>
    public static async Task RemoveAsync(DbTransaction tx, IReadOnlyCollection<RemovedFace> faces, long now)
    {
        if (faces.Count == 0) return;

        // The no-op update locks: persons come before collections.
        await tx.Connection!.ExecuteAsync("UPDATE person SET external_id = external_id WHERE num IN @persons", new { persons = PersonsOf(faces) }, tx);
        foreach (var collection in faces.GroupBy(face => face.CollectionId).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            foreach (var some in collection.Chunk(FacesAtOnce)) await RemoveAsync(tx, collection.Key, some, now);
        }
    }

    /// <summary>Persons of whom no reference is left; how many they were.</summary>
    public static Task<int> DropPersonsAsync(DbTransaction tx, IEnumerable<long> persons) => tx.Connection!.ExecuteAsync(
        "DELETE FROM person WHERE num IN @persons AND NOT EXISTS (SELECT 1 FROM face WHERE person_num = person.num)", new { persons }, tx);

    public static IReadOnlyList<string> ImagesOf(IEnumerable<RemovedFace> faces) => [.. faces.Select(face => face.Image).OfType<string>()];

    public static IReadOnlyList<long> PersonsOf(IEnumerable<RemovedFace> faces) => [.. faces.Select(face => face.PersonNum).Distinct().Order()];

    private static async Task RemoveAsync(DbTransaction tx, string collectionId, IReadOnlyList<RemovedFace> faces, long now)
    {
        var nums = faces.Select(face => face.Num).ToList();
        var stood = PersonsOf(faces.Where(face => face.Stands));
        var stillStand = stood.Count == 0 ? 0 : await tx.Connection!.ExecuteScalarAsync<long>(
            "SELECT COUNT(DISTINCT person_num) FROM face WHERE person_num IN @stood AND state = 0 AND num NOT IN @nums", new { stood, nums }, tx);
        var before = await tx.Connection!.ExecuteScalarAsync<long>(
            """
            UPDATE collection SET change_seq = change_seq + @n, face_count = face_count - @faces, person_count = person_count - @persons
            WHERE id = @collectionId RETURNING change_seq - @n
            """,
            new { n = nums.Count, faces = faces.Count(face => face.Stands), persons = stood.Count - stillStand, collectionId },
            tx);
        await tx.Connection!.ExecuteAsync(
            """
            INSERT INTO face_tombstone (collection_id, change_seq, face_num, created_at)
            SELECT collection_id, @before + ROW_NUMBER() OVER (ORDER BY num), num, @now FROM face WHERE num IN @nums;
            DELETE FROM face WHERE num IN @nums;
            """,
            new { before, now, nums },
            tx);
    }
}
