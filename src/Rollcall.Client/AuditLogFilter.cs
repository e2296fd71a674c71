namespace Rollcall.Client;

/// <summary>Which entries of an audit log a list shows; what is null does not filter.</summary>
public sealed record AuditLogFilter
{
    /// <summary>What was done, such as <c>face.enrolled</c>.</summary>
    public string? Action { get; init; }

    /// <summary>Who did it: the id of a key or of an account.</summary>
    public string? Actor { get; init; }

    /// <summary>What it was done to: the id of a face, a job, a collection, a key, an account.</summary>
    public string? Target { get; init; }

    /// <summary>The person whom it is about, by your id.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Done after this time, to the millisecond.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>Done before this time, to the millisecond.</summary>
    public DateTimeOffset? Before { get; init; }
}
