namespace Rollcall.Cli.Sync;

/// <summary>The kinds of a <see cref="SyncChange"/>, as they are written.</summary>
internal static class ChangeKind
{
    public const string Added = "added";

    /// <summary>A photograph in the place of a reference, which goes when the photograph stands.</summary>
    public const string Changed = "changed";

    /// <summary>A reference that goes, of a person who has others.</summary>
    public const string Removed = "removed";

    /// <summary>A reference of a person who goes altogether.</summary>
    public const string Left = "left";

    public const string NotEnrolled = "not_enrolled";

    /// <summary>A reference that was to go and stays.</summary>
    public const string Kept = "kept";
}

/// <summary>Something that differs between the folder and the collection.</summary>
/// <param name="Kind">A <see cref="ChangeKind"/>.</param>
/// <param name="ExternalId">Whose; empty when that cannot be said.</param>
/// <param name="Path">The photograph in the folder, if there is one.</param>
/// <param name="FaceId">The reference that goes, if one does.</param>
/// <param name="Code">Why it is not enrolled.</param>
/// <param name="Message">The same in words.</param>
/// <param name="ToldBefore">Whether an earlier sync told it already.</param>
internal sealed record SyncChange(string Kind, string ExternalId, string? Path, string? FaceId, string? Code, string? Message, bool ToldBefore);

/// <summary>A reference that is to go.</summary>
/// <param name="Change">Its line in the plan.</param>
/// <param name="ExternalId">Whose.</param>
/// <param name="FaceId">Which.</param>
internal sealed record Outgoing(long Change, string ExternalId, string FaceId);

/// <summary>How much there is of each.</summary>
/// <param name="Kinds">Lines by their kind.</param>
/// <param name="Failures">Of those that are not enrolled, by their code.</param>
/// <param name="Gone">References that went without another in their place.</param>
/// <param name="ToldBefore">Of those that are not enrolled, those that an earlier sync told.</param>
/// <param name="WithoutReference">People with a file in the folder and no reference.</param>
internal sealed record ChangeCounts(
    IReadOnlyDictionary<string, long> Kinds, IReadOnlyDictionary<string, long> Failures, long Gone, long ToldBefore, long WithoutReference)
{
    public long this[string kind] => Kinds.GetValueOrDefault(kind);

    public bool IsEmpty => this[ChangeKind.Added] + this[ChangeKind.Changed] + this[ChangeKind.Removed] + this[ChangeKind.Left] == 0;
}
