using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>What became of an image. All but <see cref="Failed"/> are successes and name the face that now stands.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ItemOutcome>))]
public enum ItemOutcome
{
    /// <summary>The person is enrolled with this image.</summary>
    Enrolled,

    /// <summary>The image took the place of the person's earlier references.</summary>
    Replaced,

    /// <summary>The existing reference is better and stays.</summary>
    Kept,

    /// <summary>The very same image is enrolled already.</summary>
    Unchanged,

    /// <summary>The person is enrolled already, or by a later job, and was left alone.</summary>
    Skipped,

    /// <summary>Nothing was enrolled; the item's error says why.</summary>
    Failed,
}

/// <summary>The final result of one image of a job.</summary>
public sealed record BatchItem
{
    /// <summary>The place of the image in the request, from 0.</summary>
    [Range(0, 99)]
    public required int Index { get; init; }

    /// <summary>The caller's id of the person; null once the person was erased.</summary>
    public required string? ExternalId { get; init; }

    /// <summary>The face that now stands; null when there is none.</summary>
    public required string? FaceId { get; init; }

    /// <summary>False exactly when <see cref="Outcome"/> is <see cref="ItemOutcome.Failed"/>.</summary>
    public required bool Success { get; init; }

    /// <summary>What became of the image.</summary>
    public required ItemOutcome Outcome { get; init; }

    /// <summary>Quality of the face in the image, 0 to 1; absent when no face was assessed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Range(0.0, 1.0)]
    public double? QualityScore { get; init; }

    /// <summary>Where the face is; absent when no face was chosen or the person was erased.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BoundingBox? BoundingBox { get; init; }

    /// <summary>Calibrated similarity to the best reference from before the job, 0 to 1; absent when nothing was compared.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Range(0.0, 1.0)]
    public double? Similarity { get; init; }

    /// <summary>The best quality score that stood before the job, 0 to 1; only with <see cref="OnDuplicate.ReplaceIfBetter"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Range(0.0, 1.0)]
    public double? ExistingQualityScore { get; init; }

    /// <summary>Why the item failed; absent on a success.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ApiError? Error { get; init; }
}

/// <summary>A face's place as fractions of the upright image's width and height, from the top left corner.</summary>
public sealed record BoundingBox
{
    /// <summary>Left edge, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public required double X { get; init; }

    /// <summary>Top edge, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public required double Y { get; init; }

    /// <summary>Width, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public required double Width { get; init; }

    /// <summary>Height, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public required double Height { get; init; }
}
