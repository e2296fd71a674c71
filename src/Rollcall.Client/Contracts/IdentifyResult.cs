using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Rollcall.Client.Contracts;

/// <summary>Who the face in an image is. Nobody is a good answer too: no matches.</summary>
public sealed record IdentifyResult
{
    /// <summary>The people at or above the threshold, most similar first.</summary>
    public required IReadOnlyList<Match> Matches { get; init; }

    /// <summary>The similarity that a match needed, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public required double Threshold { get; init; }

    /// <summary>Faces that count in the image.</summary>
    [Range(0, int.MaxValue)]
    public required int FacesFound { get; init; }

    /// <summary>Faces of the collection that were compared.</summary>
    [Range(0, int.MaxValue)]
    public required long Searched { get; init; }

    /// <summary>What the server took, in milliseconds.</summary>
    [Range(0.0, double.PositiveInfinity)]
    public required double QueryTimeMs { get; init; }
}

/// <summary>An enrolled face that is like the one in the image.</summary>
public sealed record Match
{
    /// <summary>The enrolled face.</summary>
    public required string FaceId { get; init; }

    /// <summary>The caller's id of the person.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Calibrated similarity, 0 to 1: 0.5 is the score at a false match rate of 1 in 10,000.</summary>
    [Range(0.0, 1.0)]
    public required double Similarity { get; init; }

    /// <summary>The model's own cosine, -1 to 1.</summary>
    [Range(-1.0, 1.0)]
    public required double Cosine { get; init; }

    /// <summary>Its place among the matches, from 1.</summary>
    [Range(1, 100)]
    public required int Rank { get; init; }

    /// <summary>What was stored with the face; null when there is nothing or the caller asked to leave it out.</summary>
    public required JsonElement? Metadata { get; init; }
}
