using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>What an event of a job tells.</summary>
public enum BatchEventKind
{
    /// <summary>How far the job is.</summary>
    Progress,

    /// <summary>An item is final.</summary>
    Item,

    /// <summary>The job is finished, whether <see cref="JobStatus.Done"/> or <see cref="JobStatus.Failed"/>; nothing comes after it.</summary>
    Done,
}

/// <summary>An event of a job.</summary>
public sealed record BatchEvent
{
    /// <summary>What to give <see cref="RollcallClient.FollowBatchAsync"/> to go on after this event, in another process too.</summary>
    public required string Id { get; init; }

    /// <summary>What it tells.</summary>
    public required BatchEventKind Kind { get; init; }

    /// <summary>The job without its results; null with <see cref="BatchEventKind.Item"/>.</summary>
    public BatchJob? Job { get; init; }

    /// <summary>The item as the job's results have it; only with <see cref="BatchEventKind.Item"/>.</summary>
    public BatchItem? Item { get; init; }
}
