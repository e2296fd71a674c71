using Rollcall.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Recognition;

/// <summary>Who the face in the image is said to be: a person or one of the references, never both.</summary>
internal sealed record VerifyRequest(string? ExternalId, string? FaceId, double Threshold, MultipleFacesRule MultipleFaces)
{
    public static MultipartForm Form { get; } = new(
    [
        ProbeFields.Image,
        new("external_id", PersonFields.ExternalId, "The person, by the best of their references."),
        new("face_id", Schemas.Text(), "One reference."),
        ProbeFields.PairThresholdPart,
        ProbeFields.MultipleFacesPart,
    ])
    {
        Either = ["external_id", "face_id"],
        EitherExcludes = true,
    };

    public static Result<VerifyRequest> Parse(IReadOnlyDictionary<string, string> form)
    {
        var (externalId, faceId) = (form.GetValueOrDefault("external_id"), form.GetValueOrDefault("face_id"));
        if ((externalId is null) == (faceId is null)) return Problem.Invalid("Send either external_id or face_id.");
        if (externalId is not null && PersonFields.WrongExternalId(externalId) is { } wrong) return Problem.Invalid($"external_id: {wrong}");
        if (ProbeFields.Threshold(form).IsRefused(out var problem, out var threshold)) return problem;
        if (ProbeFields.MultipleFaces(form).IsRefused(out problem, out var faces)) return problem;
        return new VerifyRequest(externalId, faceId, threshold ?? ProbeFields.PairThreshold, faces);
    }
}
