using System.Text.Json;

namespace Rollcall.Client;

/// <summary>A person to enrol.</summary>
/// <param name="externalId">The caller's id of the person, 1 to 255 characters without control characters, compared exactly.</param>
/// <param name="image">The person's image.</param>
public sealed class BatchEntry(string externalId, ImageFile image)
{
    /// <summary>The caller's id of the person.</summary>
    public string ExternalId { get; } = externalId ?? throw new ArgumentNullException(nameof(externalId));

    /// <summary>The person's image.</summary>
    public ImageFile Image { get; } = image ?? throw new ArgumentNullException(nameof(image));

    /// <summary>A JSON object to keep with the face, at most 16 KB; null for none.</summary>
    public JsonElement? Metadata { get; init; }
}
