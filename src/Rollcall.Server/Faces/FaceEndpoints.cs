using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Collections;
using Rollcall.Server.Hosting;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Faces;

internal static class FaceEndpoints
{
    public static void MapFaces(this IEndpointRouteBuilder api)
    {
        var faces = api.MapGroup("/collections/{collection_id}/faces").RequireRight(Right.ReadFaces).WithTags("Faces");
        faces.MapGet("", ListAsync);
        faces.MapGet("/{face_id}", GetAsync);
    }

    private static async Task<Results<Ok<ApiResponse<FaceList>>, Problem>> ListAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        [FromQuery(Name = "external_id")] string? externalId,
        string? limit,
        string? cursor,
        Caller caller,
        CollectionStore collections,
        FaceStore store,
        CancellationToken ct)
    {
        if (Page.Parse(limit, cursor).IsRefused(out var problem, out var page)) return problem;
        if (await collections.FindAsync(caller.OrganizationId, collectionId, ct) is null) return CollectionStore.NotFound();

        var rows = await store.ListAsync(caller.OrganizationId, collectionId, externalId, page, ct);
        var (faces, next) = page.Cut(rows, face => face.Id);
        return Envelope.Ok(new FaceList { Faces = [.. faces.Select(face => face.ToContract())], NextCursor = next });
    }

    private static async Task<Results<Ok<ApiResponse<Face>>, Problem>> GetAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        [FromRoute(Name = "face_id")] string faceId,
        Caller caller,
        FaceStore store,
        CancellationToken ct) =>
        await store.FindAsync(caller.OrganizationId, collectionId, faceId, ct) is { } face
            ? Envelope.Ok(face)
            : new Problem(ErrorCodes.FaceNotFound, "There is no such face in this collection.");
}
