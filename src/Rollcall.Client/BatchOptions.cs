using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>The gates of a batch; what is null is left to the settings of the collection.</summary>
public sealed record BatchOptions
{
    /// <summary>What happens to an external id that is enrolled already.</summary>
    public OnDuplicate? OnDuplicate { get; init; }

    /// <summary>What happens when more than one face counts.</summary>
    public MultipleFaces? MultipleFaces { get; init; }

    /// <summary>Faces of a lower quality score fail, 0 to 1.</summary>
    public double? MinQuality { get; init; }

    /// <summary>Whether a picture of a picture fails. True is refused by a server that has no model to tell.</summary>
    public bool? CheckLiveness { get; init; }

    /// <summary>Whether a face unlike the person's existing references may still be enrolled.</summary>
    public bool? AllowIdentityChange { get; init; }

    /// <summary>Whether the job only tells what would happen.</summary>
    public bool? DryRun { get; init; }

    /// <summary>
    /// A name for this very submit, 1 to 255 printable ASCII characters: repeated with the same content within 24 hours it gives the
    /// same job, so that a submit whose answer was lost can be sent again.
    /// </summary>
    public string? IdempotencyKey { get; init; }
}
