using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Rollcall.Client.Contracts;

/// <summary>An enrolled face: one reference of one person.</summary>
public sealed record Face
{
    /// <summary>The id, <c>face_…</c>.</summary>
    public required string FaceId { get; init; }

    /// <summary>The collection it is in.</summary>
    public required string CollectionId { get; init; }

    /// <summary>The caller's id of the person, 1 to 255 characters.</summary>
    [StringLength(255, MinimumLength = 1)]
    public required string ExternalId { get; init; }

    /// <summary>The caller's own JSON object, at most 16 KB; null when none came with the image.</summary>
    public required JsonElement? Metadata { get; init; }

    /// <summary>Quality of the face in its image, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public required double QualityScore { get; init; }

    /// <summary>Where the face is in its image.</summary>
    public required BoundingBox BoundingBox { get; init; }

    /// <summary>SHA-256 of the uploaded file, 64 lower-case hexadecimal digits.</summary>
    [RegularExpression("^[0-9a-f]{64}$")]
    public required string ImageSha256 { get; init; }

    /// <summary>The model that its vector comes from.</summary>
    public required string Model { get; init; }

    /// <summary>The job that enrolled it; null when it was enrolled singly.</summary>
    public required string? JobId { get; init; }

    /// <summary>Its place in that job, from 0; null when it was enrolled singly.</summary>
    [Range(0, 99)]
    public required int? Index { get; init; }

    /// <summary>When it was enrolled.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A page of faces, newest first.</summary>
public sealed record FaceList
{
    /// <summary>The faces of this page.</summary>
    public required IReadOnlyList<Face> Faces { get; init; }

    /// <summary>What to ask the next page with; null on the last page.</summary>
    public required string? NextCursor { get; init; }
}
