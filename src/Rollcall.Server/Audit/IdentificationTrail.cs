using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Audit;

/// <summary>Who looked for whom: durable before it is answered, so that nobody is told who somebody is without an entry of it.</summary>
internal sealed class IdentificationTrail(AuditTrail trail, AuditCommits commits, IOptions<AuditOptions> options)
{
    /// <summary>An entry for each person that was named, so that each is found by their external id; one about nobody when nobody was.</summary>
    public Task IdentifiedAsync(string organizationId, string collectionId, IReadOnlyList<Match> matches, long searched)
    {
        if (matches.Count == 0) return CommitAsync(organizationId, [EventOf(null)]);
        return CommitAsync(organizationId, [.. matches.DistinctBy(match => match.ExternalId, StringComparer.Ordinal).Select(EventOf)]);

        AuditEvent EventOf(Match? match) => AuditEvent.OfFace(AuditActions.FaceIdentified, collectionId, match?.FaceId, match?.ExternalId) with
        {
            Details = new JsonObject { ["rank"] = match?.Rank, ["matches"] = matches.Count, ["searched"] = searched },
        };
    }

    public Task VerifiedAsync(string organizationId, string collectionId, VerifyResult result) => CommitAsync(
        organizationId,
        [AuditEvent.OfFace(AuditActions.FaceVerified, collectionId, result.FaceId, result.ExternalId) with { Details = new JsonObject { ["verified"] = result.Verified } }]);

    private Task CommitAsync(string organizationId, IReadOnlyList<AuditEvent> events) =>
        options.Value.Identifications ? commits.CommitAsync(trail.RowsOf(organizationId, trail.Source, events)) : Task.CompletedTask;
}
