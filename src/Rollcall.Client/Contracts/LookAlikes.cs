using System.ComponentModel.DataAnnotations;

namespace Rollcall.Client.Contracts;

/// <summary>People whom a finished job enrolled and who look like one another, or like somebody else of the collection.</summary>
public sealed record LookAlikeReport
{
    /// <summary>The pairs at or above the threshold, the most alike first; each two people once, by their references that are most alike.</summary>
    public required IReadOnlyList<LookAlikePair> Pairs { get; init; }

    /// <summary>The similarity that a pair needed, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public required double Threshold { get; init; }

    /// <summary>Faces of the collection that were compared.</summary>
    [Range(0, int.MaxValue)]
    public required long Searched { get; init; }

    /// <summary>Whether there are more pairs than were asked for.</summary>
    public required bool Truncated { get; init; }
}

/// <summary>Two external ids that look like one person.</summary>
public sealed record LookAlikePair
{
    /// <summary>Calibrated similarity, 0 to 1: 0.5 is the score at a false match rate of 1 in 10,000.</summary>
    [Range(0.0, 1.0)]
    public required double Similarity { get; init; }

    /// <summary>The model's own cosine, -1 to 1.</summary>
    [Range(-1.0, 1.0)]
    public required double Cosine { get; init; }

    /// <summary>An item of the job.</summary>
    public required LookAlike First { get; init; }

    /// <summary>A later item of the job, or somebody else of the collection.</summary>
    public required LookAlike Second { get; init; }
}

/// <summary>One side of a pair: a reference that stands.</summary>
public sealed record LookAlike
{
    /// <summary>The place in the job of the item that enrolled or confirmed it, from 0; null when it is none of the job's.</summary>
    [Range(0, 99)]
    public required int? Index { get; init; }

    /// <summary>The caller's id of the person.</summary>
    public required string ExternalId { get; init; }

    /// <summary>The face.</summary>
    public required string FaceId { get; init; }
}
