using System.ComponentModel.DataAnnotations;

namespace Rollcall.Client.Contracts;

/// <summary>The receipt for a deleted organization: what was there and is not any more.</summary>
public sealed record OrganizationDeleted
{
    /// <summary>Always true: all of it was gone when this was written.</summary>
    [AllowedValues(true)]
    public required bool Deleted { get; init; }

    /// <summary>Collections.</summary>
    [Range(0, int.MaxValue)]
    public required long Collections { get; init; }

    /// <summary>References, with their vectors; those that were replaced and kept for an undo are counted too.</summary>
    [Range(0, int.MaxValue)]
    public required long Faces { get; init; }

    /// <summary>The people whom the references belonged to.</summary>
    [Range(0, int.MaxValue)]
    public required long Persons { get; init; }

    /// <summary>Jobs, finished or not, with their results.</summary>
    [Range(0, int.MaxValue)]
    public required long Jobs { get; init; }

    /// <summary>Images: uploads of items that had not been enrolled, and those that references had kept.</summary>
    [Range(0, int.MaxValue)]
    public required long Images { get; init; }

    /// <summary>API keys, revoked ones too.</summary>
    [Range(0, int.MaxValue)]
    public required long ApiKeys { get; init; }

    /// <summary>Memberships that ended.</summary>
    [Range(0, int.MaxValue)]
    public required long Members { get; init; }

    /// <summary>Accounts that belonged to no other organization and went with it.</summary>
    [Range(0, int.MaxValue)]
    public required long Accounts { get; init; }

    /// <summary>When it was done.</summary>
    public required DateTimeOffset DeletedAt { get; init; }
}
