using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Collections;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Organizations;
using Rollcall.Server.Recognition;

namespace Rollcall.Server.Faces;

internal static class FaceEndpoints
{
    public static RequestParameter PersonQuery { get; } = RequestParameter.Query("external_id", Schemas.Text(), "Your id of the person.");

    private static readonly RequestParameter Suppress = RequestParameter.Query(
        "suppress", Schemas.Flag().Or(false), "Whether the person is not to be enrolled again: of the id an HMAC alone is kept, until it is lifted.");

    public static void MapFaces(this IEndpointRouteBuilder api)
    {
        var faces = api.MapGroup("/collections/{collection_id}/faces").WithTags("Faces");
        faces.MapPost("", EnrolAsync).RequireRight(Right.WriteFaces).WithMetadata(new RequestSizeLimitAttribute(ProbeForm.MostBodyBytes)).Takes(SingleForm.Form)
            .Describe("enrolFace", "Enrol one face now")
            .Answers(StatusCodes.Status201Created, "The face that was made.", AnswerHeader.Location("the face"))
            .Answers(StatusCodes.Status200OK, "The face that stands: the rules made none.")
            .Refuses(
                [ErrorCodes.CollectionNotFound, ErrorCodes.ModelMismatch, ErrorCodes.FaceNotFound, ErrorCodes.DuplicateExternalId, ErrorCodes.TooManyReferences, ErrorCodes.Suppressed, ErrorCodes.QuotaExceeded,
                ErrorCodes.IdentityMismatch, ErrorCodes.FaceQualityTooLow, ErrorCodes.LivenessCheckFailed, .. FaceProblems.OfOneFace]);
        faces.MapGet("", ListAsync).RequireRight(Right.ReadFaces).Describe("listFaces", "List faces")
            .Takes([PersonQuery, .. Page.Parameters]).Answers(StatusCodes.Status200OK, "A page of faces.").Refuses(ErrorCodes.CollectionNotFound);
        faces.MapDelete("", ErasePersonAsync).RequireRight(Right.WriteFaces)
            .Describe("erasePerson", "Erase a person", "References, uploads and what jobs remember of the person are gone when it answers.")
            .Takes(PersonQuery with { IsRequired = true }, Suppress).Answers(StatusCodes.Status200OK, "What was removed.").Refuses(ErrorCodes.CollectionNotFound, ErrorCodes.FaceNotFound);

        var one = faces.MapGroup("/{face_id}").Refuses(ErrorCodes.FaceNotFound);
        one.MapGet("", GetAsync).RequireRight(Right.ReadFaces).Describe("getFace", "Read a face").Answers(StatusCodes.Status200OK, "The face.");
        one.MapPatch("", ChangeAsync).RequireRight(Right.WriteFaces).Describe("changeFace", "Change a face's metadata").Answers(StatusCodes.Status200OK, "The face as it is now.");
        one.MapDelete("", DeleteAsync).RequireRight(Right.WriteFaces).Describe("deleteFace", "Delete a face")
            .Answers(StatusCodes.Status200OK, "What was removed.").Refuses(ErrorCodes.CollectionNotFound);
    }

    /// <summary>201 with the face that was made; 200 with the one that stands when the rules made none.</summary>
    private static async Task<Results<Created<ApiResponse<Face>>, Ok<ApiResponse<Face>>, Problem>> EnrolAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        HttpContext http,
        Caller caller,
        CollectionStore collections,
        SingleEnrolment enrolment,
        CancellationToken ct)
    {
        if ((await collections.UsableAsync(caller.OrganizationId, collectionId, ct)).IsRefused(out var problem, out var collection)) return problem;
        if ((await enrolment.ReceiveAsync(http.Request, caller.OrganizationId, collection!, ct)).IsRefused(out problem, out var enrolled)) return problem;

        var (face, isNew) = enrolled;
        if (!isNew) return Envelope.Ok(face);
        return Envelope.Created($"/api/v1/collections/{collectionId}/faces/{face.FaceId}", face);
    }

    private static async Task<Results<Ok<ApiResponse<FaceList>>, Problem>> ListAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        [FromQuery(Name = "external_id")] string? externalId,
        string? limit,
        string? cursor,
        HttpRequest http,
        Caller caller,
        CollectionStore collections,
        FaceStore store,
        CancellationToken ct)
    {
        if (NamesSeveral(http)) return OnePerson();
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
            : NotFound();

    private static async Task<Results<Ok<ApiResponse<Face>>, Problem>> ChangeAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        [FromRoute(Name = "face_id")] string faceId,
        FaceChangeRequest request,
        Caller caller,
        FaceStore store,
        CancellationToken ct)
    {
        if (PersonFields.ParseMetadata(request.Metadata?.GetRawText() ?? "").IsRefused(out var problem, out var metadata)) return problem;
        return await store.ChangeAsync(caller.OrganizationId, collectionId, faceId, metadata, ct) is { } face ? Envelope.Ok(face) : NotFound();
    }

    private static async Task<Results<Ok<ApiResponse<DeletionReceipt>>, Problem>> DeleteAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        [FromRoute(Name = "face_id")] string faceId,
        Caller caller,
        FaceErasure erasure) =>
        await erasure.DeleteFaceAsync(caller.OrganizationId, collectionId, faceId) is { } receipt ? Envelope.Ok(receipt) : NotFound();

    private static async Task<Results<Ok<ApiResponse<DeletionReceipt>>, Problem>> ErasePersonAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        [FromQuery(Name = "external_id")] string? externalId,
        string? suppress,
        HttpRequest http,
        Caller caller,
        CollectionStore collections,
        FaceErasure erasure,
        CancellationToken ct)
    {
        if (NamesSeveral(http)) return OnePerson();
        if (suppress is not (null or "true" or "false")) return Problem.Invalid("suppress is true or false.");
        if (string.IsNullOrEmpty(externalId)) return Problem.Invalid("Name the person to erase: ?external_id=…");
        if (suppress == "true" && PersonFields.WrongExternalId(externalId) is { } wrong) return Problem.Invalid($"external_id: {wrong}");
        if (await collections.FindAsync(caller.OrganizationId, collectionId, ct) is null) return CollectionStore.NotFound();
        return await erasure.ErasePersonAsync(caller.OrganizationId, collectionId, externalId, suppress == "true") is { } receipt ? Envelope.Ok(receipt) : NotFound();
    }

    // The framework would join two with a comma, which is the external id of a third person.
    public static bool NamesSeveral(HttpRequest http) => http.Query["external_id"].Count > 1;

    public static Problem OnePerson() => Problem.Invalid("Name one person: ?external_id=… once.");

    private static Problem NotFound() => new(ErrorCodes.FaceNotFound, "There is no such face in this collection.");
}
