using System.Runtime.InteropServices;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Enrolment;

/// <summary>
/// What is known of a person when a photograph with several faces is looked at. A look without the person's lock: the rules hold the choice
/// against what they find under it.
/// </summary>
internal sealed class KnownFaces(Database database)
{
    /// <summary>
    /// The vectors of the person's references from before the item's job, superseded by it or not: those that the identity guard goes by.
    /// The job's own are left out, so that the outcome does not depend on which of its items comes first. None where nothing is to be chosen.
    /// </summary>
    public async Task<IReadOnlyList<float[]>> ReadAsync(ClaimedItem item, CancellationToken ct)
    {
        if (item.JobOptions.MultipleFaces != MultipleFaces.MatchExisting) return [];

        var vectors = await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<byte[]>(
                """
                SELECT f.vector FROM face f JOIN person p ON p.num = f.person_num
                WHERE p.collection_id = @CollectionId AND p.external_id = @ExternalId AND f.organization_id = @OrganizationId AND (f.job_id IS NULL OR f.job_id <> @JobId)
                  AND (f.state = 0 OR f.superseded_by = @JobId)
                """,
                item,
                tx),
            ct);
        return [.. vectors.Select(vector => MemoryMarshal.Cast<byte, float>(vector).ToArray())];
    }
}
