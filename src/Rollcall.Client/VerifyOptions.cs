using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>How to compare one face with one other; what is null is left to the server.</summary>
public sealed record VerifyOptions
{
    /// <summary>Similarity that is needed, 0 to 1; null for 0.5, a false match rate of 1 in 10,000.</summary>
    public double? Threshold { get; init; }

    /// <summary>What happens when more than one face counts in an image; null for <see cref="Contracts.MultipleFaces.Largest"/>.</summary>
    public MultipleFaces? MultipleFaces { get; init; }
}
