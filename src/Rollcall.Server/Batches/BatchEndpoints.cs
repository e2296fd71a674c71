using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Rollcall.Client.Contracts;
using Rollcall.Server.Collections;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Batches;

internal static class BatchEndpoints
{
    public const string RetryAfterSeconds = "2";

    private const long MostBodyBytes = 1_100_000_000;
    private const int MostWaitSeconds = 60;
    private const int MostImagesWhileWaiting = 20;

    /// <summary>Where a job is, and what the names of its operations end with there.</summary>
    public static readonly (string Path, string Id)[] Addresses = [("/organizations/{org_id}/batch/{job_id}", ""), ("/collections/{collection_id}/batch/{job_id}", "InCollection")];

    private static readonly TimeSpan MostWaitForEnd = TimeSpan.FromMinutes(2);

    public static void MapBatches(this IEndpointRouteBuilder api)
    {
        var submits = api.MapGroup("/collections/{collection_id}/faces").RequireRight(Right.SubmitBatches).WithTags("Batch jobs")
            .WithMetadata(new RequestSizeLimitAttribute(MostBodyBytes), SubmitMetadata.Instance).Takes(BatchForm.Form).Takes(IdempotencyKey.Parameter)
            .Refuses(
                ErrorCodes.CollectionNotFound, ErrorCodes.ModelMismatch, ErrorCodes.NoImages, ErrorCodes.TooManyImages, ErrorCodes.CountMismatch,
                ErrorCodes.IdempotencyKeyInUse, ErrorCodes.IdempotencyKeyReused, ErrorCodes.QuotaExceeded);
        submits.MapPost("/batch-async", SubmitAsync)
            .Describe("submitBatch", "Enrol up to 100 faces in the background", "When it answers, every image and the job are durable. Poll the job to see what became of each image.")
            .Answers(StatusCodes.Status202Accepted, "The job, which waits for a worker.", AnswerHeader.Location("the job"), AnswerHeader.RetryAfter(), IdempotencyKey.Replayed);
        submits.MapPost("/batch", EnrolAndWaitAsync)
            .Describe("enrolBatch", $"Enrol up to {MostImagesWhileWaiting} faces while you wait", "An ordinary job: who loses the connection finds it in the list.")
            .Answers(StatusCodes.Status200OK, "The finished job with its results.", IdempotencyKey.Replayed);

        var jobs = api.MapGroup("").RequireRight(Right.ReadBatches).WithTags("Batch jobs");
        jobs.MapGet("/organizations/{org_id}/batch", ListAsync).Describe("listJobs", "List jobs, without their results")
            .Takes(JobParameters.Filters).Takes(Page.Parameters).Answers(StatusCodes.Status200OK, "A page of jobs.").Refuses(ErrorCodes.CollectionNotAllowed);

        var polls = jobs.MapGroup("").Takes(JobParameters.OfPoll(MostWaitSeconds)).Refuses(ErrorCodes.BatchJobNotFound)
            .Answers(StatusCodes.Status200OK, "The job as it is.", JobParameters.Tag, AnswerHeader.RetryAfter(isRequired: false))
            .Answers(StatusCodes.Status304NotModified, "Nothing has changed since the entity tag was given.", JobParameters.Tag, AnswerHeader.RetryAfter(isRequired: false));
        polls.MapGet("/organizations/{org_id}/batch/{job_id}", PollByOrganizationAsync).Describe("getJob", "Poll a job");
        polls.MapGet("/collections/{collection_id}/batch/{job_id}", PollByCollectionAsync).Describe("getJobInCollection", "Poll a job of a collection");
        foreach (var (path, id) in Addresses)
        {
            var job = jobs.MapGroup(path).Refuses(ErrorCodes.BatchJobNotFound);
            job.MapEvents(id);
            job.MapLookAlikes(id);
        }

        api.MapJobs();
    }

    private static async Task<Results<Accepted<ApiResponse<BatchAccepted>>, Problem>> SubmitAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        HttpContext http,
        Caller caller,
        CollectionStore collections,
        BatchIntake intake,
        WorkSignal signal,
        CancellationToken ct)
    {
        var accepted = await AcceptAsync(collectionId, "batch-async", BatchForm.MostImages, http, caller, collections, intake, signal, ct);
        if (accepted.IsRefused(out var problem, out var batch)) return problem;

        http.Response.Headers.RetryAfter = RetryAfterSeconds;
        if (batch!.Replayed) http.Response.Headers[IdempotencyKey.ReplayedHeader] = "true";
        return Envelope.Accepted(LocationOf(collectionId, batch.JobId), new BatchAccepted
        {
            JobId = batch.JobId,
            Status = JobStatus.Queued,
            Total = batch.Total,
            Processed = 0,
            Succeeded = 0,
            Failed = 0,
        });
    }

    /// <summary>The same job, and the answer when it has come to its end; who goes away meanwhile finds it in the list.</summary>
    private static async Task<Results<Ok<ApiResponse<BatchJob>>, Problem>> EnrolAndWaitAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        HttpContext http,
        Caller caller,
        CollectionStore collections,
        BatchIntake intake,
        BatchPoll polls,
        WorkSignal signal,
        CancellationToken ct)
    {
        var accepted = await AcceptAsync(collectionId, "batch", MostImagesWhileWaiting, http, caller, collections, intake, signal, ct);
        if (accepted.IsRefused(out var problem, out var batch)) return problem;

        if (batch!.Replayed) http.Response.Headers[IdempotencyKey.ReplayedHeader] = "true";
        if (await polls.EndOfAsync(caller.OrganizationId, batch.JobId, MostWaitForEnd, ct) is { } ended) return Envelope.Ok(ended);
        return new Problem(ErrorCodes.ServiceBusy, "The job is accepted and waits behind others: poll it instead of sending it again.")
        {
            Details = new JsonObject { ["job_id"] = batch.JobId },
            RetryAfterSeconds = 10,
        };
    }

    private static async Task<Result<AcceptedBatch>> AcceptAsync(
        string collectionId,
        string route,
        int mostImages,
        HttpContext http,
        Caller caller,
        CollectionStore collections,
        BatchIntake intake,
        WorkSignal signal,
        CancellationToken ct)
    {
        if (IdempotencyKey.Parse(http.Request.Headers[IdempotencyKey.Header], caller.OrganizationId, route, collectionId).IsRefused(out var problem, out var key))
            return problem;
        if ((await collections.UsableAsync(caller.OrganizationId, collectionId, ct)).IsRefused(out problem, out var collection)) return problem;

        var accepted = await intake.AcceptAsync(http.Request, caller, collection!, key, mostImages, ct);
        signal.Set();
        return accepted;
    }

    private static Task<Results<Ok<ApiResponse<BatchJob>>, StatusCodeHttpResult, Problem>> PollByOrganizationAsync(
        [FromRoute(Name = "job_id")] string jobId, string? results, string? wait, HttpContext http, Caller caller, BatchPoll polls, CancellationToken ct) =>
        PollAsync(null, jobId, results, wait, http, caller, polls, ct);

    private static Task<Results<Ok<ApiResponse<BatchJob>>, StatusCodeHttpResult, Problem>> PollByCollectionAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        [FromRoute(Name = "job_id")] string jobId,
        string? results,
        string? wait,
        HttpContext http,
        Caller caller,
        BatchPoll polls,
        CancellationToken ct) =>
        PollAsync(collectionId, jobId, results, wait, http, caller, polls, ct);

    private static async Task<Results<Ok<ApiResponse<BatchJob>>, StatusCodeHttpResult, Problem>> PollAsync(
        string? collectionId, string jobId, string? results, string? wait, HttpContext http, Caller caller, BatchPoll polls, CancellationToken ct)
    {
        ResultsView? view = results switch
        {
            null or "true" => ResultsView.All,
            "false" => ResultsView.None,
            "failed" => ResultsView.Failed,
            _ => null,
        };
        if (view is null) return Problem.Invalid("results is true, false or failed.");
        var seconds = 0;
        if (wait is not null && (!int.TryParse(wait, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) || seconds > MostWaitSeconds))
            return Problem.Invalid($"wait is a whole number of seconds, at most {MostWaitSeconds}.");
        if (!TryKnown(http.Request, out var known)) return Problem.Invalid("If-None-Match is a list of entity tags in quotes, or *.");

        if (seconds > 0 && !polls.TryEnter(caller.Credential)) return BatchPoll.Full();
        try
        {
            var request = new PollRequest(caller.OrganizationId, collectionId, jobId, view.Value, known, TimeSpan.FromSeconds(seconds));
            if (await polls.PollAsync(request, ct) is not { } polled) return BatchStore.NotFound();

            Head(http.Response, polled);
            return polled.IsNews ? Envelope.Ok(polled.Job) : TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }
        finally
        {
            if (seconds > 0) polls.Leave(caller.Credential);
        }
    }

    public static string LocationOf(string collectionId, string jobId) => $"/api/v1/collections/{collectionId}/batch/{jobId}";

    /// <summary>What an answer with a job says of it in its headers.</summary>
    public static void Head(HttpResponse response, PolledJob polled)
    {
        response.Headers.ETag = polled.Tag.ToString();
        if (polled.Job.CompletedAt is null) response.Headers.RetryAfter = RetryAfterSeconds;
    }

    private static bool TryKnown(HttpRequest request, out IReadOnlyList<EntityTagHeaderValue> known)
    {
        known = [];
        var header = request.Headers.IfNoneMatch;
        if (header.Count == 0) return true;
        if (!EntityTagHeaderValue.TryParseStrictList([.. header.OfType<string>()], out var tags)) return false;
        known = [.. tags];
        return true;
    }

    private static async Task<Results<Ok<ApiResponse<BatchJobList>>, Problem>> ListAsync(
        string? status,
        [FromQuery(Name = "collection_id")] string? collectionId,
        [FromQuery(Name = "created_after")] string? createdAfter,
        [FromQuery(Name = "created_before")] string? createdBefore,
        string? limit,
        string? cursor,
        Caller caller,
        Confinement confinement,
        BatchStore store,
        CancellationToken ct)
    {
        JobStatus? wanted = null;
        if (status is not null)
        {
            if (!WireName.TryParse<JobStatus>(status, out var parsed)) return Problem.Invalid("status is queued, processing, done or failed.");
            wanted = parsed;
        }

        if (!Rfc3339.TryParse(createdAfter, out var after) || !Rfc3339.TryParse(createdBefore, out var before))
            return Problem.Invalid("created_after and created_before are times as RFC 3339 writes them: 2026-01-31T12:00:00Z.");
        if (Page.Parse(limit, cursor).IsRefused(out var problem, out var page)) return problem;

        if (await confinement.RefusesAsync(caller, collectionId, null, ct)) return Confinement.NotAllowed();

        var rows = await store.ListAsync(caller.OrganizationId, caller.Collections, new JobFilter(wanted, collectionId, after, before), page, ct);
        var (jobs, next) = page.Cut(rows, job => job.JobId);
        return Envelope.Ok(new BatchJobList { Jobs = jobs, NextCursor = next });
    }
}
