using System.ComponentModel.DataAnnotations;

namespace Rollcall.Client.Contracts;

/// <summary>What the undoing of a job came to.</summary>
public sealed record JobUndone
{
    /// <summary>References that the job had superseded and that stand again.</summary>
    [Range(0, int.MaxValue)]
    public required int Restored { get; init; }

    /// <summary>References that the job had made and that are gone.</summary>
    [Range(0, int.MaxValue)]
    public required int Removed { get; init; }

    /// <summary>Items whose effect stays, in the order of their index.</summary>
    public required IReadOnlyList<ItemLeft> Left { get; init; }
}

/// <summary>An item of a job that could not be undone.</summary>
public sealed record ItemLeft
{
    /// <summary>Its place in the job, from 0.</summary>
    [Range(0, 99)]
    public required int Index { get; init; }

    /// <summary>Why: <see cref="NewerReference"/>.</summary>
    [AllowedValues(NewerReference)]
    public required string Reason { get; init; }

    /// <summary>A job that was accepted later, or a later single enrolment, has enrolled or confirmed a reference of this person.</summary>
    public const string NewerReference = "newer_reference";
}
