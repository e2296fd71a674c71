using System.Data;

namespace Rollcall.Server.Audit;

/// <summary>An entry as its row holds it. Number and hash are null until it is chained.</summary>
internal sealed record AuditRow
{
    public const string Columns =
        "num, organization_id, at, action, actor_kind, actor_id, actor_label, address, request_id, target_kind, target_id, collection_id, person, details, number, hash";

    public long Num { get; init; }

    public required string OrganizationId { get; init; }

    public required long At { get; init; }

    public required string Action { get; init; }

    public required string ActorKind { get; init; }

    public string? ActorId { get; init; }

    public string? ActorLabel { get; init; }

    public string? Address { get; init; }

    public string? RequestId { get; init; }

    public string? TargetKind { get; init; }

    public string? TargetId { get; init; }

    public string? CollectionId { get; init; }

    public string? Person { get; init; }

    /// <summary>A JSON object.</summary>
    public string? Details { get; init; }

    public long? Number { get; init; }

    public string? Hash { get; init; }

    /// <summary>Whether this comes of a value that is not of its column's kind, for SQLite keeps what it is given, or of a time that is none.</summary>
    public static bool IsUnreadable(Exception e) => e is DataException or InvalidCastException or FormatException or OverflowException or ArgumentOutOfRangeException;
}
