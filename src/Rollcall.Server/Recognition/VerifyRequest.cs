using Rollcall.Faces;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Recognition;

/// <summary>Who the face in the image is said to be: a person or one of the references, never both.</summary>
internal sealed record VerifyRequest(string? ExternalId, string? FaceId, double Threshold, MultipleFacesRule MultipleFaces)
{
    public static IReadOnlySet<string> Fields { get; } =
        new HashSet<string>(["external_id", "face_id", "threshold", "multiple_faces"], StringComparer.Ordinal);

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
