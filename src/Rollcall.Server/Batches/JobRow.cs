using System.Text.Json.Nodes;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Batches;

internal sealed record JobRow
{
    public const string Columns =
        "id, collection_id, options, status, total, processed, succeeded, failed, error_code, error_message, created_at, started_at, completed_at, expires_at, cancelled_at, undone_at, parent_job_id";

    /// <summary>The job @jobId, where the caller may see it at its address.</summary>
    public const string IsThere =
        "id = @jobId AND organization_id = @organizationId AND (@collectionId IS NULL OR collection_id = @collectionId) AND (expires_at IS NULL OR expires_at > @now)";

    public required string Id { get; init; }

    public required string CollectionId { get; init; }

    public required string Options { get; init; }

    public required string Status { get; init; }

    public required int Total { get; init; }

    public required int Processed { get; init; }

    public required int Succeeded { get; init; }

    public required int Failed { get; init; }

    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }

    public required long CreatedAt { get; init; }

    public long? StartedAt { get; init; }

    public long? CompletedAt { get; init; }

    public long? ExpiresAt { get; init; }

    public long? CancelledAt { get; init; }

    public long? UndoneAt { get; init; }

    public string? ParentJobId { get; init; }

    public BatchJob ToContract(IReadOnlyList<BatchItem>? results) => ToContract(results, JobOptions.FromJson(Options));

    private BatchJob ToContract(IReadOnlyList<BatchItem>? results, JobOptions options) => new()
    {
        JobId = Id,
        Status = WireName.TryParse<JobStatus>(Status, out var status) ? status : throw new InvalidOperationException($"Unknown status '{Status}'."),
        Total = Total,
        Processed = Processed,
        Succeeded = Succeeded,
        Failed = Failed,
        CollectionId = CollectionId,
        OnDuplicate = options.OnDuplicate,
        CreatedAt = CreatedAt.ToTime(),
        StartedAt = StartedAt.ToTime(),
        CompletedAt = CompletedAt.ToTime(),
        ExpiresAt = ExpiresAt.ToTime(),
        CancelledAt = CancelledAt.ToTime(),
        UndoneAt = UndoneAt.ToTime(),
        ParentJobId = ParentJobId,
        DryRun = options.DryRun ? true : null,
        Error = ErrorCode is null ? null : new ApiError { Code = ErrorCode, Message = ErrorMessage ?? "" },
        Results = results,
    };
}

internal sealed record JobItemRow
{
    public const string Columns =
        "item_index, external_id, outcome, face_id, quality_score, existing_quality_score, box_x, box_y, box_width, box_height, error_code, error_message, error_details";

    public required int ItemIndex { get; init; }

    public required string ExternalId { get; init; }

    public required string Outcome { get; init; }

    public string? FaceId { get; init; }

    public double? QualityScore { get; init; }

    public double? ExistingQualityScore { get; init; }

    public double? BoxX { get; init; }

    public double? BoxY { get; init; }

    public double? BoxWidth { get; init; }

    public double? BoxHeight { get; init; }

    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }

    public string? ErrorDetails { get; init; }

    public BatchItem ToContract()
    {
        if (!WireName.TryParse<ItemOutcome>(Outcome, out var outcome)) throw new InvalidOperationException($"Unknown outcome '{Outcome}'.");
        return new BatchItem
        {
            Index = ItemIndex,
            ExternalId = ExternalId.Length == 0 ? null : ExternalId, // the person was erased
            FaceId = FaceId is "" ? null : FaceId, // a dry run, and nobody stands
            Success = outcome != ItemOutcome.Failed,
            Outcome = outcome,
            QualityScore = QualityScore is { } quality ? Math.Round(quality, 4) : null,
            ExistingQualityScore = ExistingQualityScore is { } existing ? Math.Round(existing, 4) : null,
            BoundingBox = BoxX is { } x ? Boxes.ToContract(x, BoxY!.Value, BoxWidth!.Value, BoxHeight!.Value) : null,
            Error = ErrorCode is null ? null : new ApiError
            {
                Code = ErrorCode,
                Message = ErrorMessage ?? "",
                Details = ErrorDetails is null ? null : JsonNode.Parse(ErrorDetails) as JsonObject,
            },
        };
    }
}
