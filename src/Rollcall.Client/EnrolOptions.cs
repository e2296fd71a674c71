using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>The gates of a single enrolment; what is null is left to the settings of the collection, but for <see cref="OnDuplicate"/>.</summary>
public sealed record EnrolOptions
{
    /// <summary>What happens to an external id that is enrolled already; null for <see cref="Contracts.OnDuplicate.Reject"/>.</summary>
    public OnDuplicate? OnDuplicate { get; init; }

    /// <summary>What happens when more than one face counts.</summary>
    public MultipleFaces? MultipleFaces { get; init; }

    /// <summary>A face of a lower quality score is refused, 0 to 1.</summary>
    public double? MinQuality { get; init; }

    /// <summary>Whether a picture of a picture is refused. True is refused itself by a server that has no model to tell.</summary>
    public bool? CheckLiveness { get; init; }

    /// <summary>Whether a face unlike the person's existing references may still be enrolled.</summary>
    public bool? AllowIdentityChange { get; init; }
}
