using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;

namespace Rollcall.Client.Contracts;

/// <summary>Something that was done: who did what to which person or key, when, from where.</summary>
public sealed record AuditEntry
{
    /// <summary>Its place in the organization's log, from 1, without a gap.</summary>
    [Range(1, double.PositiveInfinity)]
    public required long Number { get; init; }

    /// <summary>The organization whose log it is in.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>When it was done.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What was done, such as <c>face.enrolled</c> or <c>key.created</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Who did it.</summary>
    public required AuditActor Actor { get; init; }

    /// <summary>The address that the request came from; null for what the server does by itself.</summary>
    public required string? Address { get; init; }

    /// <summary>The request's id; null for what the server does by itself.</summary>
    public required string? RequestId { get; init; }

    /// <summary>What it was done to; null where it is a person alone, or nobody.</summary>
    public required AuditTarget? Target { get; init; }

    /// <summary>The collection that it happened in; null where there is none.</summary>
    public required string? CollectionId { get; init; }

    /// <summary>The HMAC of the person's external id, the same in all entries of an organization; null where it is about nobody.</summary>
    public required string? Person { get; init; }

    /// <summary>Particulars that depend on the action; null when there are none.</summary>
    public required JsonObject? Details { get; init; }

    /// <summary>SHA-256 over the hash of the entry before and this one.</summary>
    [RegularExpression("^[0-9a-f]{64}$")]
    public required string Hash { get; init; }
}

/// <summary>Who did something.</summary>
public sealed record AuditActor
{
    /// <summary><c>key</c>, <c>user</c>, <c>system</c> for the server itself, or <c>anonymous</c> for who has shown no valid credential.</summary>
    [AllowedValues("key", "user", "system", "anonymous")]
    public required string Kind { get; init; }

    /// <summary>The id of the key or the account; null for the other kinds.</summary>
    public required string? Id { get; init; }

    /// <summary>The first characters of the key; null for who is no key.</summary>
    public required string? Label { get; init; }
}

/// <summary>What something was done to.</summary>
public sealed record AuditTarget
{
    /// <summary><c>face</c>, <c>batch</c>, <c>collection</c>, <c>key</c>, <c>user</c>, <c>invitation</c> or <c>organization</c>.</summary>
    [AllowedValues("face", "batch", "collection", "key", "user", "invitation", "organization")]
    public required string Kind { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }
}

/// <summary>A page of an organization's audit log, newest first.</summary>
public sealed record AuditEntryList
{
    /// <summary>The entries of this page.</summary>
    public required IReadOnlyList<AuditEntry> Entries { get; init; }

    /// <summary>What to ask the next page with; null on the last page.</summary>
    public required string? NextCursor { get; init; }
}

/// <summary>The end of a log. Kept elsewhere it shows later whether the log still leads to it.</summary>
public sealed record AuditLogHead
{
    /// <summary>The number of the last entry; 0 for none.</summary>
    [Range(0, double.PositiveInfinity)]
    public required long Number { get; init; }

    /// <summary>Its hash.</summary>
    [RegularExpression("^[0-9a-f]{64}$")]
    public required string Hash { get; init; }

    /// <summary>As the verification takes it back: <c>NUMBER:HASH</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Number}:{Hash}");
}

/// <summary>Whether each entry of a log is the one that was written, and follows the one before it.</summary>
public sealed record AuditLogVerification
{
    /// <summary>Whether the whole log is as it was written, as far as can be told from itself and the head that was given.</summary>
    public required bool Valid { get; init; }

    /// <summary>Entries that are good, from the first on without a break.</summary>
    [Range(0, double.PositiveInfinity)]
    public required long Entries { get; init; }

    /// <summary>The last of them.</summary>
    public required AuditLogHead Head { get; init; }

    /// <summary>The number of the first entry that is not what was written; null when the log is valid.</summary>
    public required long? FirstBad { get; init; }

    /// <summary>What is wrong with it: <c>missing</c>, <c>changed</c>, <c>inserted</c> or <c>other_head</c>; null when the log is valid.</summary>
    public required string? Reason { get; init; }
}
