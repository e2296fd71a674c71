using System.Text.Json;
using Rollcall.Client.Contracts;
using Rollcall.Faces.Index;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Recognition;

/// <summary>One probe against a collection.</summary>
internal sealed class Identification(ExactSearch search, FaceModels models)
{
    public async Task<(IReadOnlyList<Match> Matches, double Threshold, long Searched)> SearchAsync(
        Collection collection, float[] probe, IdentifyRequest request, CancellationToken ct)
    {
        var calibration = models.Engine.Pack.Calibration;
        var wanted = new NearestRequest(
            request.TopK, searched => calibration.ToCosine(ThresholdFor(searched)), request.Deduplicate, request.ReturnMetadata);
        var nearest = await search.FindAsync(collection.Id, [probe], wanted, ct);
        return (
            [.. nearest.Hits[0].Select((hit, i) => ToContract(hit, i + 1, nearest.Faces[hit.FaceKey]))],
            ThresholdFor(nearest.Searched),
            nearest.Searched);

        double ThresholdFor(long searched) => request.Threshold ?? collection.Settings.IdentifyThreshold ?? calibration.IdentifyThreshold(searched);
    }

    private Match ToContract(FaceHit hit, int rank, StandingFace face) => new()
    {
        FaceId = face.Id,
        ExternalId = face.ExternalId,
        Similarity = Math.Round(models.Engine.Pack.Calibration.ToSimilarity(hit.Cosine), 4),
        Cosine = Math.Round(hit.Cosine, 4),
        Rank = rank,
        Metadata = face.Metadata is null ? null : JsonElement.Parse(face.Metadata),
    };
}
