using System.Text;
using System.Text.Json;
using Microsoft.OpenApi;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Hosting;

/// <summary>What a caller says of a person: the same rules wherever it comes in.</summary>
internal static class PersonFields
{
    private const int LongestExternalId = 255;
    private const int LongestMetadata = 16 * 1024;

    // Well below what a JSON writer goes down to, for an answer wraps an envelope around it.
    private const int DeepestMetadata = 32;

    public static OpenApiSchema ExternalId { get; } = Schemas.Text(shortest: 1, longest: LongestExternalId);

    public static OpenApiSchema Metadata { get; } = Schemas.Json(Schemas.AnyObject());

    /// <summary>Null when the external id may stand; it is compared by code points, so nothing is trimmed or folded.</summary>
    public static string? WrongExternalId(string value)
    {
        if (value.Length == 0) return "an external id is not empty.";
        var characters = 0;
        foreach (var rune in value.EnumerateRunes())
        {
            if (Rune.IsControl(rune)) return "an external id has no control characters.";
            if (++characters > LongestExternalId) return $"an external id has at most {LongestExternalId} characters.";
        }

        return null;
    }

    /// <summary>The object as compact text; null for none.</summary>
    public static Result<string?> ParseMetadata(string text)
    {
        if (text.Length == 0) return (string?)null;
        if (Encoding.UTF8.GetByteCount(text) > LongestMetadata) return Problem.Invalid("metadata is at most 16 KB.");
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = DeepestMetadata });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Encoding.UTF8.GetString(UnpooledJson.Of(document.RootElement, JsonSerializerOptions.Default))
                : Problem.Invalid("metadata is a JSON object.");
        }
        catch (JsonException)
        {
            return Problem.Invalid($"metadata is a JSON object, at most {DeepestMetadata} levels deep.");
        }
    }
}
