using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Organizations;

/// <summary>
/// Keeps a key that has a list of collections to them, wherever a route names a collection or a job: before the handler, so that a new
/// route is covered too. What does not exist in the organization is left to the handler, which answers 404.
/// </summary>
internal sealed class Confinement(Database database, TimeProvider time)
{
    public static Problem NotAllowed() => new(ErrorCodes.CollectionNotAllowed, "This API key is confined to other collections.");

    public async Task<bool> RefusesAsync(Caller caller, string? collectionId, string? jobId, CancellationToken ct)
    {
        if (caller.Collections is not { } allowed || (collectionId is not null && allowed.Contains(collectionId, StringComparer.Ordinal))) return false;
        if (collectionId is null && jobId is null) return false;

        return await database.ReadAsync(
            tx => tx.Connection!.ExecuteScalarAsync<long>(
                """
                SELECT (SELECT COUNT(*) FROM collection WHERE id = @collectionId AND organization_id = @OrganizationId AND deleted_at IS NULL)
                  + (SELECT COUNT(*) FROM job WHERE id = @jobId AND organization_id = @OrganizationId AND collection_id NOT IN @allowed
                      AND (expires_at IS NULL OR expires_at > @now))
                """,
                new { collectionId, jobId, caller.OrganizationId, allowed, now = time.Now() },
                tx),
            ct) > 0;
    }
}
