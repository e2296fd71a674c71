using System.Data.Common;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Faces;

namespace Rollcall.Server.Enrolment;

/// <summary>A final item as its row remembers it.</summary>
internal sealed record ItemRow
{
    public const int Succeeded = 1;
    public const int Failed = 2;

    /// <summary>What an item forgets when its person is erased, alone or with the collection.</summary>
    public const string Forget =
        """
        external_id = '', metadata = NULL, image_sha256 = '', box_x = NULL, box_y = NULL, box_width = NULL, box_height = NULL, error_details = NULL
        """;

    public required string Id { get; init; }

    public required string JobId { get; init; }

    public required int State { get; init; }

    public required string Outcome { get; init; }

    public string? FaceId { get; init; }

    public double? Quality { get; init; }

    public double? ExistingQuality { get; init; }

    public double? X { get; init; }

    public double? Y { get; init; }

    public double? Width { get; init; }

    public double? Height { get; init; }

    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }

    public string? ErrorDetails { get; init; }

    /// <summary>1 for an item of a dry run.</summary>
    public int DryRun { get; init; }

    public static ItemRow Of(ClaimedItem item, Verdict verdict, ItemResult result)
    {
        var (quality, box) = result switch
        {
            ItemResult.Embedded embedded => (embedded.Quality, embedded.Box),
            ItemResult.Failed failed => (failed.Quality, failed.Box),
            _ => ((double?)null, (FaceBox?)null),
        };
        if (verdict is Verdict.Failure { Code: ErrorCodes.Suppressed }) (quality, box) = (null, null);
        var row = new ItemRow
        {
            Id = item.ItemId,
            JobId = item.JobId,
            State = verdict is Verdict.Success ? Succeeded : Failed,
            Outcome = WireName.Of(verdict is Verdict.Success success ? success.Outcome : ItemOutcome.Failed),
            Quality = quality,
            X = box?.X,
            Y = box?.Y,
            Width = box?.Width,
            Height = box?.Height,
        };
        return verdict switch
        {
            Verdict.Success s => row with { FaceId = s.Standing.Id, Quality = quality ?? s.Standing.QualityScore, ExistingQuality = s.ExistingQuality },
            Verdict.Failure f => row with { ErrorCode = f.Code, ErrorMessage = f.Message, ErrorDetails = f.Details?.ToJsonString() },
            _ => throw new InvalidOperationException("An undecided item is not written."),
        };
    }

    /// <summary>An item of a dry run: what stands for the person is what it names, if anybody does, and not what would stand.</summary>
    public static ItemRow Of(ClaimedItem item, Verdict verdict, ItemResult result, Reference? standing)
    {
        var row = Of(item, verdict, result) with { DryRun = 1 };
        if (verdict is not Verdict.Success success) return row;
        return row with { FaceId = success.Standing.Num > 0 ? success.Standing.Id : standing?.Id ?? "" };
    }

    /// <summary>
    /// A failed item keeps its upload until the job expires, so that it can be retried; the others give it up, to the reference that they
    /// made where images are kept. An item of a dry run gives it up in any case, and so does one of a suppressed person, of whom nothing but the
    /// name under which they came is kept.
    /// </summary>
    public static async Task WriteAsync(DbTransaction tx, IReadOnlyList<ItemRow> rows)
    {
        var written = await tx.Connection!.ExecuteAsync(
            $"""
            UPDATE job_item SET state = @State, outcome = @Outcome, face_id = @FaceId, quality_score = @Quality,
              existing_quality_score = @ExistingQuality,
              box_x = @X, box_y = @Y, box_width = @Width, box_height = @Height,
              error_code = @ErrorCode, error_message = @ErrorMessage, error_details = @ErrorDetails,
              blob = CASE WHEN @State = {Succeeded} OR @DryRun = 1 OR @ErrorCode = '{ErrorCodes.Suppressed}' THEN NULL ELSE blob END,
              metadata = CASE WHEN @ErrorCode = '{ErrorCodes.Suppressed}' THEN NULL ELSE metadata END,
              image_sha256 = CASE WHEN @ErrorCode = '{ErrorCodes.Suppressed}' THEN '' ELSE image_sha256 END
            WHERE id = @Id AND state = 0
            """,
            rows,
            tx);
        if (written != rows.Count) throw new InvalidOperationException("An item that was under lease is final already.");
    }
}
