using Microsoft.OpenApi;
using Rollcall.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Recognition;

/// <summary>Fields that the recognition routes have in common, read the same way by all of them.</summary>
internal static class ProbeFields
{
    /// <summary>The threshold of a comparison of one with one: the score that one in 10,000 pairs of different people reaches.</summary>
    public const double PairThreshold = 0.5;

    public static FormPart Image { get; } = FormPart.Image("image", "One file, JPEG, PNG or WebP by content; at most 10 MB.");

    public static FormPart MultipleFacesPart { get; } = new("multiple_faces", Schemas.Choice("largest", "reject").Or("largest"), "What happens when more than one face counts.");

    public static FormPart ThresholdPart(OpenApiSchema schema, string description) => new("threshold", schema, description);

    public static FormPart PairThresholdPart { get; } = ThresholdPart(Schemas.Share().Or(PairThreshold), "The similarity that is needed.");

    public static Result<double?> Threshold(IReadOnlyDictionary<string, string> form)
    {
        if (!form.TryGetValue("threshold", out var text)) return (double?)null;
        return FieldValues.TryShare(text, out var share) ? share : Problem.Invalid("threshold is a number from 0 to 1.");
    }

    public static Result<MultipleFacesRule> MultipleFaces(IReadOnlyDictionary<string, string> form) =>
        form.GetValueOrDefault("multiple_faces", "largest") switch
        {
            "largest" => MultipleFacesRule.Largest,
            "reject" => MultipleFacesRule.Reject,
            _ => Problem.Invalid("multiple_faces is largest or reject here; match_existing is for enrolment."),
        };
}
