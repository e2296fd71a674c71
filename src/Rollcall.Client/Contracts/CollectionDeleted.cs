using System.ComponentModel.DataAnnotations;

namespace Rollcall.Client.Contracts;

/// <summary>The receipt for a deleted collection: what was there and is not any more.</summary>
public sealed record CollectionDeleted
{
    /// <summary>Always true: all of it was gone when this was written.</summary>
    [AllowedValues(true)]
    public required bool Deleted { get; init; }

    /// <summary>References, with their vectors; those that were replaced and kept for an undo are counted too.</summary>
    [Range(0, int.MaxValue)]
    public required long Faces { get; init; }

    /// <summary>The people whom the references belonged to.</summary>
    [Range(0, int.MaxValue)]
    public required long Persons { get; init; }

    /// <summary>Jobs that were not at their end and were ended.</summary>
    [Range(0, int.MaxValue)]
    public required long Jobs { get; init; }

    /// <summary>Images: uploads of items that had not been enrolled, and those that references had kept.</summary>
    [Range(0, int.MaxValue)]
    public required long Images { get; init; }
}
