using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Batches;

/// <summary>What can be done with a job once it is accepted, at both of its addresses.</summary>
internal static class JobEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder api)
    {
        foreach (var (path, id) in BatchEndpoints.Addresses)
        {
            var job = api.MapGroup(path).RequireRight(Right.SubmitBatches).WithTags("Batch jobs").Refuses(ErrorCodes.BatchJobNotFound);
            job.MapPost("/cancel", CancelAsync)
                .Describe("cancelJob" + id, "Cancel a job", "What nobody is working on fails with `CANCELLED`, what somebody is working on may finish. What is enrolled stays.")
                .Answers(StatusCodes.Status200OK, "The job as it is now, also when nothing was left to cancel.", JobParameters.Tag, AnswerHeader.RetryAfter(isRequired: false));
            job.MapPost("/retry", RetryAsync)
                .Describe(
                    "retryJob" + id, "Try failed items again",
                    "A new job over the items of a finished job that failed and whose upload is still there; it takes the uploads over. Gates that are left out are those of the job.")
                .Answers(StatusCodes.Status202Accepted, "The new job, which waits for a worker.", AnswerHeader.Location("the new job"), AnswerHeader.RetryAfter())
                .Refuses(ErrorCodes.JobNotFinished, ErrorCodes.NothingToRetry, ErrorCodes.CollectionNotFound, ErrorCodes.ModelMismatch);
            job.MapPost("/undo", UndoAsync)
                .Describe(
                    "undoJob" + id, "Undo a job",
                    "Takes back what a finished job enrolled and lets stand again what it superseded, but for people of whom there is a newer reference. A repeat answers the same.")
                .Answers(StatusCodes.Status200OK, "What was taken back, and what was left.").Refuses(ErrorCodes.JobNotFinished);
            job.MapDelete("", DeleteAsync)
                .Describe("deleteJob" + id, "Delete a finished job", "Its results, the uploads that are left of it and the references that it superseded go too; what is enrolled stays.")
                .Answers(StatusCodes.Status204NoContent, "It is gone.").Refuses(ErrorCodes.JobNotFinished);
        }
    }

    private static async Task<Results<Ok<ApiResponse<BatchJob>>, Problem>> CancelAsync(
        [FromRoute(Name = "job_id")] string jobId, HttpContext http, Caller caller, WorkQueue queue, BatchPoll polls, CancellationToken ct)
    {
        var collectionId = CollectionOf(http);
        if (!await queue.CancelAsync(caller.OrganizationId, collectionId, jobId, ct)) return BatchStore.NotFound();

        var request = new PollRequest(caller.OrganizationId, collectionId, jobId, ResultsView.All, [], TimeSpan.Zero);
        if (await polls.PollAsync(request, ct) is not { } polled) return BatchStore.NotFound();
        BatchEndpoints.Head(http.Response, polled);
        return Envelope.Ok(polled.Job);
    }

    private static async Task<Results<Accepted<ApiResponse<BatchJob>>, Problem>> RetryAsync(
        [FromRoute(Name = "job_id")] string jobId, RetryBatch? request, HttpContext http, Caller caller, JobRetry retries, CancellationToken ct)
    {
        if ((await retries.RetryAsync(caller.OrganizationId, CollectionOf(http), jobId, request ?? new RetryBatch(), ct)).IsRefused(out var problem, out var job)) return problem;

        http.Response.Headers.RetryAfter = BatchEndpoints.RetryAfterSeconds;
        return Envelope.Accepted(BatchEndpoints.LocationOf(job!.CollectionId, job.JobId), job);
    }

    private static async Task<Results<Ok<ApiResponse<JobUndone>>, Problem>> UndoAsync([FromRoute(Name = "job_id")] string jobId, HttpContext http, Caller caller, JobUndo undo) =>
        (await undo.UndoAsync(caller.OrganizationId, CollectionOf(http), jobId)).IsRefused(out var problem, out var undone) ? problem : Envelope.Ok(undone!);

    private static async Task<Results<NoContent, Problem>> DeleteAsync([FromRoute(Name = "job_id")] string jobId, HttpContext http, Caller caller, JobRemoval removal) =>
        await removal.RemoveAsync(caller.OrganizationId, CollectionOf(http), jobId) is { } problem ? problem : TypedResults.NoContent();

    private static string? CollectionOf(HttpContext http) => http.Request.RouteValues["collection_id"] as string;
}
