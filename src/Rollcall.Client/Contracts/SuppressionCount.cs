using System.ComponentModel.DataAnnotations;

namespace Rollcall.Client.Contracts;

/// <summary>How many people of a collection are not to be enrolled. Who they are is not kept.</summary>
public sealed record SuppressionCount
{
    /// <summary>The people, or 1 or 0 when it was asked about one.</summary>
    [Range(0, int.MaxValue)]
    public required long Count { get; init; }
}
