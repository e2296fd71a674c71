using System.ComponentModel.DataAnnotations;

namespace Rollcall.Client.Contracts;

/// <summary>Whether the face in an image is that of one enrolled person. No is a good answer too.</summary>
public sealed record VerifyResult
{
    /// <summary>Whether <see cref="Similarity"/> reaches <see cref="Threshold"/>.</summary>
    public required bool Verified { get; init; }

    /// <summary>Calibrated similarity to the face compared with, 0 to 1: 0.5 is the score at a false match rate of 1 in 10,000.</summary>
    [Range(0.0, 1.0)]
    public required double Similarity { get; init; }

    /// <summary>The model's own cosine, -1 to 1.</summary>
    [Range(-1.0, 1.0)]
    public required double Cosine { get; init; }

    /// <summary>The similarity that was needed, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public required double Threshold { get; init; }

    /// <summary>The face compared with; of a person's references the one most like the image.</summary>
    public required string FaceId { get; init; }

    /// <summary>The caller's id of the person compared with.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Faces that count in the image.</summary>
    [Range(0, int.MaxValue)]
    public required int FacesFound { get; init; }
}
