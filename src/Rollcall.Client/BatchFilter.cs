using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>Which jobs a list shows; what is null does not filter.</summary>
public sealed record BatchFilter
{
    /// <summary>Jobs that are this far.</summary>
    public JobStatus? Status { get; init; }

    /// <summary>Jobs of this collection, <c>col_…</c>.</summary>
    public string? CollectionId { get; init; }

    /// <summary>Jobs accepted after this time, to the millisecond.</summary>
    public DateTimeOffset? CreatedAfter { get; init; }

    /// <summary>Jobs accepted before this time, to the millisecond.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }
}

/// <summary>Which results a poll shows.</summary>
public enum BatchResults
{
    /// <summary>Every final item.</summary>
    All,

    /// <summary>The items that failed.</summary>
    Failed,

    /// <summary>None: the counters alone.</summary>
    None,
}
