using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Recognition;

/// <summary>What is asked of a comparison, besides its two images.</summary>
internal sealed record CompareRequest(double Threshold, MultipleFacesRule MultipleFaces)
{
    public static MultipartForm Form { get; } = new(
    [
        FormPart.Image("image_a", "One file."),
        FormPart.Image("image_b", "The other."),
        ProbeFields.PairThresholdPart,
        ProbeFields.MultipleFacesPart,
    ]);

    public static Result<CompareRequest> Parse(IReadOnlyDictionary<string, string> form)
    {
        if (ProbeFields.Threshold(form).IsRefused(out var problem, out var threshold)) return problem;
        if (ProbeFields.MultipleFaces(form).IsRefused(out problem, out var faces)) return problem;
        return new CompareRequest(threshold ?? ProbeFields.PairThreshold, faces);
    }
}

/// <summary>Two pictures against each other; nothing is looked up and nothing is kept.</summary>
internal static class CompareEndpoint
{
    public static async Task<Results<Ok<ApiResponse<CompareResult>>, Problem>> CompareAsync(
        HttpContext http, Caller caller, ProbeEngine probes, FaceModels models, CancellationToken ct)
    {
        var probe = await probes.AnalyzeAllAsync(
            http.Request, caller.OrganizationId, CompareRequest.Form, CompareRequest.Parse, request => request.MultipleFaces, ct);
        if (probe.IsRefused(out var problem, out var analysed)) return problem;

        var (found, request) = analysed;
        var pair = Pair.Of(found[0].Embedding, found[1].Embedding, models.Engine.Pack.Calibration);
        return Envelope.Ok(new CompareResult
        {
            Similarity = pair.Similarity,
            Cosine = pair.Cosine,
            Verified = pair.Reaches(request.Threshold),
            Threshold = request.Threshold,
        });
    }
}
