using System.Globalization;
using Rollcall.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Recognition;

/// <summary>What is asked of an identification, besides the image.</summary>
internal sealed record IdentifyRequest(int TopK, double? Threshold, MultipleFacesRule MultipleFaces, bool Deduplicate, bool ReturnMetadata)
{
    private const int MostMatches = 100;

    public static MultipartForm Form { get; } = new(
    [
        ProbeFields.Image,
        new("top_k", Schemas.Whole(1, MostMatches).Or(1), "At most so many matches."),
        ProbeFields.ThresholdPart(Schemas.Share(), "The similarity that a match needs; the collection's unless sent."),
        ProbeFields.MultipleFacesPart,
        new("deduplicate", Schemas.Flag().Or(true), "One match for each person, or each of their references."),
        new("return_metadata", Schemas.Flag().Or(true), "Whether matches carry the metadata of the face."),
    ]);

    public static Result<IdentifyRequest> Parse(IReadOnlyDictionary<string, string> form)
    {
        var topK = 1;
        if (form.TryGetValue("top_k", out var text) && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out topK) || topK is < 1 or > MostMatches))
            return Problem.Invalid($"top_k is a whole number from 1 to {MostMatches}.");
        if (ProbeFields.Threshold(form).IsRefused(out var problem, out var threshold)) return problem;
        if (ProbeFields.MultipleFaces(form).IsRefused(out problem, out var faces)) return problem;
        if (!FieldValues.TryFlag(form, "deduplicate", true, out var deduplicate)) return Problem.Invalid("deduplicate is true or false.");
        if (!FieldValues.TryFlag(form, "return_metadata", true, out var metadata)) return Problem.Invalid("return_metadata is true or false.");
        return new IdentifyRequest(topK, threshold, faces, deduplicate, metadata);
    }
}
