using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Collections;
using Rollcall.Server.Hosting;
using Rollcall.Server.Organizations;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Recognition;

internal static class RecognitionEndpoints
{
    public static void MapRecognition(this IEndpointRouteBuilder api)
    {
        var recognition = api.MapGroup("").RequireRight(Right.Identify).WithTags("Recognition").WithMetadata(new RequestSizeLimitAttribute(ProbeForm.MostBodyBytes));
        recognition.MapPost("/collections/{collection_id}/identify", IdentifyAsync);
        recognition.MapPost("/collections/{collection_id}/verify", VerifyEndpoint.VerifyAsync);
        recognition.MapPost("/compare", CompareEndpoint.CompareAsync).WithMetadata(new RequestSizeLimitAttribute(2 * ProbeForm.MostBodyBytes));
        recognition.MapPost("/detect", DetectEndpoint.DetectAsync);
    }

    private static async Task<Results<Ok<ApiResponse<IdentifyResult>>, Problem>> IdentifyAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        HttpContext http,
        Caller caller,
        CollectionStore collections,
        Identification identification,
        ProbeEngine probes,
        Instruments instruments,
        TimeProvider time,
        CancellationToken ct)
    {
        var start = time.GetTimestamp();
        if ((await collections.UsableAsync(caller.OrganizationId, collectionId, ct)).IsRefused(out var problem, out var collection)) return problem;
        var probe = await probes.AnalyzeAsync(http.Request, IdentifyRequest.Fields, IdentifyRequest.Parse, request => request.MultipleFaces, ct);
        if (probe.IsRefused(out problem, out var analysed)) return problem;

        var (found, request) = analysed;
        var (matches, threshold, searched) = await identification.SearchAsync(collection!, found.Embedding, request, ct);
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
