using System.Globalization;
using Rollcall.Faces;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Recognition;

/// <summary>What is asked of an identification, besides the image.</summary>
internal sealed record IdentifyRequest(int TopK, double? Threshold, MultipleFacesRule MultipleFaces, bool Deduplicate, bool ReturnMetadata)
{
    private const int MostMatches = 100;

    public static IReadOnlySet<string> Fields { get; } =
        new HashSet<string>(["top_k", "threshold", "multiple_faces", "deduplicate", "return_metadata"], StringComparer.Ordinal);

    public static Result<IdentifyRequest> Parse(IReadOnlyDictionary<string, string> form)
    {
        var topK = 1;
        if (form.TryGetValue("top_k", out var text) && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out topK) || topK is < 1 or > MostMatches))
            return Problem.Invalid($"top_k is a whole number from 1 to {MostMatches}.");
        double? threshold = null;
        if (form.TryGetValue("threshold", out text))
        {
            if (!FieldValues.TryShare(text, out var share)) return Problem.Invalid("threshold is a number from 0 to 1.");
            threshold = share;
        }

        MultipleFacesRule? faces = form.TryGetValue("multiple_faces", out text)
            ? text switch { "largest" => MultipleFacesRule.Largest, "reject" => MultipleFacesRule.Reject, _ => null }
            : MultipleFacesRule.Largest;
        if (faces is null) return Problem.Invalid("multiple_faces is largest or reject.");
        if (!FieldValues.TryFlag(form, "deduplicate", true, out var deduplicate)) return Problem.Invalid("deduplicate is true or false.");
        if (!FieldValues.TryFlag(form, "return_metadata", true, out var metadata)) return Problem.Invalid("return_metadata is true or false.");
        return new IdentifyRequest(topK, threshold, faces.Value, deduplicate, metadata);
    }
}
