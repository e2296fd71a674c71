using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Batches;
using Rollcall.Server.Collections;
using Rollcall.Server.Hosting;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Recognition;

internal static class RecognitionEndpoints
{
    // An image and a few words; the body is refused by its length before it is read.
    private const long MostBodyBytes = BatchIntake.MostImageBytes + (64 * 1024);

    // Held in memory whole: a temporary file would leave a face behind on the disk.
    private static readonly FormOptions Form = new()
    {
        BufferBody = false,
        MemoryBufferThreshold = (int)MostBodyBytes,
        MultipartBodyLengthLimit = MostBodyBytes,
        ValueCountLimit = 16,
        ValueLengthLimit = 1024,
    };

    public static void MapRecognition(this IEndpointRouteBuilder api) =>
        api.MapPost("/collections/{collection_id}/identify", IdentifyAsync)
            .RequireRight(Right.Identify).WithTags("Recognition").WithMetadata(new RequestSizeLimitAttribute(MostBodyBytes));

    private static async Task<Results<Ok<ApiResponse<IdentifyResult>>, Problem>> IdentifyAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        HttpContext http,
        Caller caller,
        CollectionStore collections,
        Identification identification,
        ProbeEngine probes,
        TimeProvider time,
        CancellationToken ct)
    {
        var start = time.GetTimestamp();
        if ((await collections.UsableAsync(caller.OrganizationId, collectionId, ct)).IsRefused(out var problem, out var collection)) return problem;
        if (!http.Request.HasFormContentType) return new Problem(ErrorCodes.UnsupportedMediaType, "Send multipart/form-data with the file 'image'.");

        var form = await http.Request.ReadFormAsync(Form, ct);
        if (IdentifyRequest.Parse(form).IsRefused(out problem, out var request)) return problem;
        if (form.Files is not [{ Name: "image" } image]) return Problem.Invalid("Send one file, as 'image'.");
        if ((await probes.AnalyzeAsync(image, request!.MultipleFaces, ct)).IsRefused(out problem, out var found)) return problem;

        var (matches, threshold, searched) = await identification.SearchAsync(collection!, found!.Embedding, request, ct);
        return Envelope.Ok(new IdentifyResult
        {
            Matches = matches,
            Threshold = Math.Round(threshold, 4),
            FacesFound = found.FacesFound,
            Searched = searched,
            QueryTimeMs = Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 2),
        });
    }
}
