using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests.Contracts;

public sealed class BatchJsonTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_answer_to_a_submit_is_the_contracts_to_the_letter() =>
        Assert.Equal(
            """
            {"success":true,"data":{"job_id":"550e8400-e29b-41d4-a716-446655440000","status":"queued",
            "total":2,"processed":0,"succeeded":0,"failed":0}}
            """.ReplaceLineEndings(""),
            Wire.Write(ApiResponse.Ok(new BatchAccepted
            {
                JobId = "550e8400-e29b-41d4-a716-446655440000",
                Status = JobStatus.Queued,
                Total = 2,
                Processed = 0,
                Succeeded = 0,
                Failed = 0,
            })));

    [Fact]
    public void A_queued_job_shows_the_times_to_come_as_null_and_leaves_the_rest_out() =>
        Assert.Equal(
            """
            {"job_id":"j","status":"queued","total":1,"processed":0,"succeeded":0,"failed":0,"collection_id":"col_1",
            "on_duplicate":"replace_if_better","created_at":"2026-03-04T12:00:00.000Z",
            "started_at":null,"completed_at":null,"expires_at":null}
            """.ReplaceLineEndings(""),
            Wire.Write(Queued));

    [Fact]
    public void A_finished_job_reads_as_the_contract_shows_it_and_writes_back_the_same()
    {
        const string Json =
            """
            {"success": true, "data": {"job_id": "j", "status": "done", "total": 2, "processed": 2, "succeeded": 1, "failed": 1,
              "collection_id": "col_1", "on_duplicate": "replace", "created_at": "2026-03-04T12:00:00.000Z",
              "started_at": "2026-03-04T12:00:01.500Z", "completed_at": "2026-03-04T12:00:02.000Z",
              "expires_at": "2026-03-11T12:00:02.000Z",
              "results": [
                {"index": 0, "external_id": "employee-001", "face_id": "face_1", "success": true, "outcome": "enrolled",
                 "quality_score": 0.93, "bounding_box": {"x": 0.31, "y": 0.2, "width": 0.3, "height": 0.41}},
                {"index": 1, "external_id": "employee-002", "face_id": null, "success": false, "outcome": "failed",
                 "error": {"code": "FACE_QUALITY_TOO_LOW", "message": "…", "details": {"reasons": ["blur", "too_dark"]}}}]}}
            """;

        var response = Wire.Read<ApiResponse<BatchJob>>(Json);

        var job = response.Data!;
        Assert.Equal((JobStatus.Done, OnDuplicate.Replace), (job.Status, job.OnDuplicate));
        Assert.Equal(Noon, job.CreatedAt);
        Assert.Equal(ItemOutcome.Enrolled, job.Results![0].Outcome);
        Assert.Equal(0.41, job.Results[0].BoundingBox!.Height);
        Assert.Null(job.Results[0].Error);
        Assert.Equal(ErrorCodes.FaceQualityTooLow, job.Results[1].Error!.Code);
        Assert.Equal("blur", (string?)job.Results[1].Error!.Details!["reasons"]![0]);
        Wire.AssertSame(Json, Wire.Write(response));
    }

    [Fact]
    public void What_only_some_jobs_have_is_written_when_they_have_it()
    {
        var job = Queued with
        {
            Status = JobStatus.Failed,
            CancelledAt = Noon,
            UndoneAt = Noon,
            ParentJobId = "p",
            DryRun = true,
            EtaSeconds = 3,
            Error = new ApiError { Code = ErrorCodes.CollectionNotFound, Message = "gone" },
            Results = [],
        };

        var json = JsonNode.Parse(Wire.Write(job))!;

        Wire.AssertSame(
            """
            {"cancelled_at": "2026-03-04T12:00:00.000Z", "undone_at": "2026-03-04T12:00:00.000Z", "parent_job_id": "p", "dry_run": true,
             "eta_seconds": 3, "error": {"code": "COLLECTION_NOT_FOUND", "message": "gone"}, "results": []}
            """,
            new JsonObject(json.AsObject().Skip(12).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))).ToJsonString());
    }

    [Fact]
    public void An_item_without_a_face_has_neither_quality_nor_box() =>
        Assert.Equal(
            """{"index":3,"external_id":null,"face_id":null,"success":false,"outcome":"failed","error":{"code":"ERASED","message":"e"}}""",
            Wire.Write(new BatchItem
            {
                Index = 3,
                ExternalId = null,
                FaceId = null,
                Success = false,
                Outcome = ItemOutcome.Failed,
                Error = new ApiError { Code = ErrorCodes.Erased, Message = "e" },
            }));

    [Fact]
    public void A_kept_item_carries_both_scores() =>
        Assert.Equal(
            """
            {"index":0,"external_id":"a","face_id":"face_1","success":true,"outcome":"kept",
            "quality_score":0.5,"similarity":0.9,"existing_quality_score":0.75}
            """.ReplaceLineEndings(""),
            Wire.Write(new BatchItem
            {
                Index = 0,
                ExternalId = "a",
                FaceId = "face_1",
                Success = true,
                Outcome = ItemOutcome.Kept,
                QualityScore = 0.5,
                Similarity = 0.9,
                ExistingQualityScore = 0.75,
            }));

    [Theory]
    [InlineData("\"paused\"")]
    [InlineData("1")]
    [InlineData("\"1\"")]
    [InlineData("null")]
    public void A_status_that_is_none_is_refused(string json) =>
        Assert.Throws<JsonException>(() => Wire.Read<BatchJob>(Wire.Write(Queued).Replace("\"queued\"", json, StringComparison.Ordinal)));

    [Fact]
    public void A_field_that_every_job_has_may_not_be_missing() =>
        Assert.Throws<JsonException>(() => Wire.Read<BatchJob>("""{"job_id":"j","status":"queued"}"""));

    private static BatchJob Queued { get; } = new()
    {
        JobId = "j",
        Status = JobStatus.Queued,
        Total = 1,
        Processed = 0,
        Succeeded = 0,
        Failed = 0,
        CollectionId = "col_1",
        OnDuplicate = OnDuplicate.ReplaceIfBetter,
        CreatedAt = Noon,
    };
}
