using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Collections;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Faces;

/// <summary>What is known of people who are not to be enrolled, and the way back: both for whoever manages the collection (docs/adr/0020).</summary>
internal static class SuppressionEndpoints
{
    public static void MapSuppressions(this IEndpointRouteBuilder api)
    {
        var suppressions = api.MapGroup("/collections/{collection_id}/suppressions").RequireRight(Right.ManageCollections).WithTags("Faces")
            .Refuses(ErrorCodes.CollectionNotFound);
        suppressions.MapGet("", CountAsync)
            .Describe("countSuppressions", "Count the people who are not to be enrolled", "Who they are is not kept: with `external_id` it says of one whether it is among them, as 1 or 0.")
            .Takes(FaceEndpoints.PersonQuery).Answers(StatusCodes.Status200OK, "How many there are.");
        suppressions.MapDelete("", LiftAsync)
            .Describe("liftSuppression", "Let a person be enrolled again", "It brings nothing back of what was erased.")
            .Takes(FaceEndpoints.PersonQuery with { IsRequired = true }).Answers(StatusCodes.Status204NoContent, "The person can be enrolled again.");
    }

    private static async Task<Results<Ok<ApiResponse<SuppressionCount>>, Problem>> CountAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        [FromQuery(Name = "external_id")] string? externalId,
        HttpRequest http,
        Caller caller,
        CollectionStore collections,
        Suppressions suppressions,
        CancellationToken ct)
    {
        if (FaceEndpoints.NamesSeveral(http)) return FaceEndpoints.OnePerson();
        if (await collections.FindAsync(caller.OrganizationId, collectionId, ct) is null) return CollectionStore.NotFound();
        return Envelope.Ok(new SuppressionCount { Count = await suppressions.CountAsync(caller.OrganizationId, collectionId, externalId, ct) });
    }

    private static async Task<Results<NoContent, Problem>> LiftAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        [FromQuery(Name = "external_id")] string? externalId,
        HttpRequest http,
        Caller caller,
        CollectionStore collections,
        Suppressions suppressions,
        CancellationToken ct)
    {
        if (FaceEndpoints.NamesSeveral(http)) return FaceEndpoints.OnePerson();
        if (string.IsNullOrEmpty(externalId)) return Problem.Invalid("Name the person who may be enrolled again: ?external_id=…");
        if (await collections.FindAsync(caller.OrganizationId, collectionId, ct) is null) return CollectionStore.NotFound();
        return await suppressions.LiftAsync(caller.OrganizationId, collectionId, externalId, ct)
            ? TypedResults.NoContent()
            : Problem.NotFound("This person is not suppressed in this collection.");
    }
}
