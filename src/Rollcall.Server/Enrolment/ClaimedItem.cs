using Rollcall.Server.Batches;

namespace Rollcall.Server.Enrolment;

/// <summary>An item under lease, with all that is needed to work on it.</summary>
internal sealed record ClaimedItem
{
    public required string ItemId { get; init; }

    /// <summary>Grows with each claim and rescue; only the holder of the newest may complete.</summary>
    public required long Fence { get; init; }

    public required bool Suspect { get; init; }

    public required int Crashes { get; init; }

    /// <summary>It was taken for decided without a look at the picture once, and that did not hold.</summary>
    public required bool Decode { get; init; }

    public required string JobId { get; init; }

    public required int ItemIndex { get; init; }

    public required string OrganizationId { get; init; }

    public required string CollectionId { get; init; }

    /// <summary>The model that the collection's vectors come from.</summary>
    public required string CollectionModel { get; init; }

    /// <summary>The job's place in the order in which the collection accepted its jobs.</summary>
    public required long AcceptSeq { get; init; }

    public required string ExternalId { get; init; }

    public string? Metadata { get; init; }

    public string? Blob { get; init; }

    public required long BlobBytes { get; init; }

    public required string ImageSha256 { get; init; }

    /// <summary>The code that intake already found against the image.</summary>
    public string? Refusal { get; init; }

    public required string Options { get; init; }

    /// <summary>The traced request that submitted the job.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Who submitted the job; null for a job from before there was a log.</summary>
    public string? SubmittedBy { get; init; }

    public LeaseKey Key => new(ItemId, Fence);

    /// <summary>Enrolled by a request of its own: <see cref="JobId"/> is a token that no job has, and there is nothing to undo.</summary>
    public bool IsSingle { get; init; }

    public JobOptions JobOptions => field ??= JobOptions.FromJson(Options);
}
