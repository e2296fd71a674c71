using System.ComponentModel.DataAnnotations;

namespace Rollcall.Client.Contracts;

/// <summary>How alike the faces of two images are.</summary>
public sealed record CompareResult
{
    /// <summary>Calibrated similarity, 0 to 1: 0.5 is the score at a false match rate of 1 in 10,000.</summary>
    [Range(0.0, 1.0)]
    public required double Similarity { get; init; }

    /// <summary>The model's own cosine, -1 to 1.</summary>
    [Range(-1.0, 1.0)]
    public required double Cosine { get; init; }

    /// <summary>Whether <see cref="Similarity"/> reaches <see cref="Threshold"/>.</summary>
    public required bool Verified { get; init; }

    /// <summary>The similarity that was needed, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public required double Threshold { get; init; }
}
