using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>How far a job is. These four are all there will ever be; the last two are final.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<JobStatus>))]
public enum JobStatus
{
    /// <summary>Accepted, waiting for a worker.</summary>
    Queued,

    /// <summary>A worker is enrolling faces.</summary>
    Processing,

    /// <summary>Every item is final; a cancelled job ends so as well.</summary>
    Done,

    /// <summary>The job itself could not be started; nothing was enrolled.</summary>
    Failed,
}

/// <summary>The answer to a submitted batch: every image and the job are durable.</summary>
public sealed record BatchAccepted
{
    /// <summary>The job, a UUID.</summary>
    public required string JobId { get; init; }

    /// <summary>How far the job is: <see cref="JobStatus.Queued"/>.</summary>
    public required JobStatus Status { get; init; }

    /// <summary>Images in the job, 1 to 100.</summary>
    [Range(1, 100)]
    public required int Total { get; init; }

    /// <summary>Items that are final.</summary>
    [Range(0, 100)]
    public required int Processed { get; init; }

    /// <summary>Final items that succeeded.</summary>
    [Range(0, 100)]
    public required int Succeeded { get; init; }

    /// <summary>Final items that failed.</summary>
    [Range(0, 100)]
    public required int Failed { get; init; }
}

/// <summary>A job as a poll shows it. <c>processed = succeeded + failed</c> in every answer, and no counter ever goes back.</summary>
public sealed record BatchJob
{
    /// <summary>The job, a UUID.</summary>
    public required string JobId { get; init; }

    /// <summary>How far the job is.</summary>
    public required JobStatus Status { get; init; }

    /// <summary>Images in the job, 1 to 100.</summary>
    [Range(1, 100)]
    public required int Total { get; init; }

    /// <summary>Items that are final.</summary>
    [Range(0, 100)]
    public required int Processed { get; init; }

    /// <summary>Final items that succeeded.</summary>
    [Range(0, 100)]
    public required int Succeeded { get; init; }

    /// <summary>Final items that failed.</summary>
    [Range(0, 100)]
    public required int Failed { get; init; }

    /// <summary>The collection that the faces are enrolled in.</summary>
    public required string CollectionId { get; init; }

    /// <summary>What happens to an external id that is enrolled already.</summary>
    public required OnDuplicate OnDuplicate { get; init; }

    /// <summary>When the job was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a worker first took an item of it; null while it is queued.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When its last item became final; null before.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When the job and its results go: seven days after it completed; null before.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the job was cancelled; absent when it was not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CancelledAt { get; init; }

    /// <summary>When the job was undone; absent when it was not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? UndoneAt { get; init; }

    /// <summary>The job whose failed items this one tries again; absent when it is no retry.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ParentJobId { get; init; }

    /// <summary>True when the job only tells what would happen; absent otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? DryRun { get; init; }

    /// <summary>An estimate of the whole seconds that are left; absent when the job is final or nothing is known yet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Range(0, int.MaxValue)]
    public int? EtaSeconds { get; init; }

    /// <summary>Why the job itself failed; absent unless <see cref="Status"/> is <see cref="JobStatus.Failed"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ApiError? Error { get; init; }

    /// <summary>The final items in index order, growing while the job runs; absent when the caller asked to leave them out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BatchItem>? Results { get; init; }
}

/// <summary>A page of jobs without their results, newest first.</summary>
public sealed record BatchJobList
{
    /// <summary>The jobs of this page.</summary>
    public required IReadOnlyList<BatchJob> Jobs { get; init; }

    /// <summary>What to ask the next page with; null on the last page.</summary>
    public string? NextCursor { get; init; }
}
