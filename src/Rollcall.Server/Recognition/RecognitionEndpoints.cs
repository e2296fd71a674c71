using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;
using Rollcall.Server.Collections;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Organizations;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Recognition;

internal static class RecognitionEndpoints
{
    public static void MapRecognition(this IEndpointRouteBuilder api)
    {
        var recognition = api.MapGroup("").RequireRight(Right.Identify).WithTags("Recognition").WithMetadata(new RequestSizeLimitAttribute(ProbeForm.MostBodyBytes));
        recognition.MapPost("/collections/{collection_id}/identify", IdentifyAsync).Takes(IdentifyRequest.Form)
            .Describe("identify", "Who is this?", "The photograph is compared with everybody in the collection, and not kept. Nobody is an answer too.")
            .Answers(StatusCodes.Status200OK, "The people that it looks like, the most similar first.")
            .Refuses([ErrorCodes.CollectionNotFound, ErrorCodes.ModelMismatch, .. FaceProblems.OfOneFace]);
        recognition.MapPost("/collections/{collection_id}/verify", VerifyEndpoint.VerifyAsync).Takes(VerifyRequest.Form)
            .Describe("verify", "Is this that person?", "Send either `external_id` or `face_id`. No is an answer too.")
            .Answers(StatusCodes.Status200OK, "Whether it is.")
            .Refuses([ErrorCodes.CollectionNotFound, ErrorCodes.ModelMismatch, ErrorCodes.FaceNotFound, .. FaceProblems.OfOneFace]);
        recognition.MapPost("/compare", CompareEndpoint.CompareAsync).Takes(CompareRequest.Form).WithMetadata(new RequestSizeLimitAttribute(2 * ProbeForm.MostBodyBytes))
            .Describe("compare", "Are two photographs of one person?", "Nothing is looked up and nothing is kept.")
            .Answers(StatusCodes.Status200OK, "How alike they are.").Refuses(FaceProblems.OfOneFace);
        recognition.MapPost("/detect", DetectEndpoint.DetectAsync).Takes(DetectEndpoint.Form)
            .Describe("detect", "Find every face of a photograph").Answers(StatusCodes.Status200OK, "The faces, the largest first.").Refuses(FaceProblems.OfFiles);
    }

    private static async Task<Results<Ok<ApiResponse<IdentifyResult>>, Problem>> IdentifyAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        HttpContext http,
        Caller caller,
        CollectionStore collections,
        Identification identification,
        ProbeEngine probes,
        IdentificationTrail trail,
        Instruments instruments,
        TimeProvider time,
        CancellationToken ct)
    {
        var start = time.GetTimestamp();
        if ((await collections.UsableAsync(caller.OrganizationId, collectionId, ct)).IsRefused(out var problem, out var collection)) return problem;
        var probe = await probes.AnalyzeAsync(http.Request, caller.OrganizationId, IdentifyRequest.Form, IdentifyRequest.Parse, request => request.MultipleFaces, ct);
        if (probe.IsRefused(out problem, out var analysed)) return problem;

        var (found, request) = analysed;
        var (matches, threshold, searched) = await identification.SearchAsync(collection!, found.Embedding, request, ct);
        await trail.IdentifiedAsync(caller.OrganizationId, collectionId, matches, searched);
        var took = time.GetElapsedTime(start);
        instruments.Identified(took, searched, found: matches.Count > 0);
        return Envelope.Ok(new IdentifyResult
        {
            Matches = matches,
            Threshold = Math.Round(threshold, 4),
            FacesFound = found.FacesFound,
            Searched = searched,
            QueryTimeMs = Math.Round(took.TotalMilliseconds, 2),
        });
    }
}
