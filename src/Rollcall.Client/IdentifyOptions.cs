using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>How to identify; what is null is left to the server.</summary>
public sealed record IdentifyOptions
{
    /// <summary>Matches to give at most, 1 to 100; null for 1.</summary>
    public int? TopK { get; init; }

    /// <summary>Similarity that a match needs, 0 to 1; null for the collection's.</summary>
    public double? Threshold { get; init; }

    /// <summary>What happens when more than one face counts; null for <see cref="Contracts.MultipleFaces.Largest"/>.</summary>
    public MultipleFaces? MultipleFaces { get; init; }

    /// <summary>Whether a person appears once however many references match; null for true.</summary>
    public bool? Deduplicate { get; init; }

    /// <summary>Whether matches carry their metadata; null for true.</summary>
    public bool? ReturnMetadata { get; init; }
}
