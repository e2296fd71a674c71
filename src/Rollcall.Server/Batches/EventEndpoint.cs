using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Batches;

/// <summary>Server-sent events of a job, at both of its addresses.</summary>
internal static class EventEndpoint
{
    public const string LastEventId = "Last-Event-ID";

    private static readonly RequestParameter[] Parameters =
        [RequestParameter.Header(LastEventId, Schemas.Text(), "The id of the last event that was received: what it tells is not told again.")];

    public static void MapEvents(this IEndpointRouteBuilder job, string id) => job.MapGet("/events", ListenAsync)
        .Describe(
            "listenToJob" + id,
            "Be told what happens to a job",
            "Server-sent events: `item` has an item as `results` has it, once; `progress` the job without results whenever it changes; `done` the finished job "
            + "without results, whether it is `done` or `failed`, and is the last. After a broken line go on with Last-Event-ID.")
        .Takes(Parameters)
        .Answers(StatusCodes.Status200OK, "The events, as they come.", EventStream.Buffering)
        .Answers(StatusCodes.Status204NoContent, "The end of the job was told before: do not come again.");

    private static async Task<Results<EventStream, NoContent, Problem>> ListenAsync(
        [FromRoute(Name = "job_id")] string jobId, HttpContext http, Caller caller, BatchStore store, BatchPoll polls, JobEvents events, CancellationToken ct)
    {
        var collectionId = http.Request.RouteValues["collection_id"] as string;
        var position = default(EventPosition);
        if (http.Request.Headers[LastEventId].ToString() is { Length: > 0 } last && !EventPosition.TryParse(last, jobId, out position))
            return Problem.Invalid("Last-Event-ID is not the id of an event of this job: leave it out to be told everything.");
        if (await store.FindAsync(caller.OrganizationId, collectionId, jobId, ResultsView.None, ct) is not { } job) return BatchStore.NotFound();
        if (position.IsEnd && job.CompletedAt is not null) return TypedResults.NoContent();
        if (!polls.TryEnter(caller.Credential)) return BatchPoll.Full();

        return new EventStream(events, new EventsRequest(caller.OrganizationId, collectionId, jobId, position, http), () => polls.Leave(caller.Credential));
    }
}
