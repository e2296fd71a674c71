using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Batches;

/// <summary>Look-alikes of a finished job, at both of its addresses.</summary>
internal static class LookAlikeEndpoint
{
    public static void MapLookAlikes(this IEndpointRouteBuilder job, string id) => job.MapGet("/look-alikes", ReportAsync)
        .Describe(
            "findLookAlikes" + id,
            "Find people who look alike under two external ids",
            "Compares what a finished job enrolled with everybody in the collection. Each two people are one pair, the most alike first.")
        .Takes(Page.Size)
        .Answers(StatusCodes.Status200OK, "The pairs that reach the collection's `duplicate_threshold`.")
        .Refuses(ErrorCodes.JobNotFinished, ErrorCodes.CollectionNotFound, ErrorCodes.ModelMismatch);

    private static async Task<Results<Ok<ApiResponse<LookAlikeReport>>, Problem>> ReportAsync(
        [FromRoute(Name = "job_id")] string jobId, string? limit, HttpContext http, Caller caller, LookAlikes lookAlikes, CancellationToken ct)
    {
        if (Page.Parse(limit, cursor: null).IsRefused(out var problem, out var page)) return problem;
        var collectionId = http.Request.RouteValues["collection_id"] as string;
        var found = await lookAlikes.ReportAsync(caller.OrganizationId, collectionId, jobId, page.Limit, ct);
        return found.IsRefused(out problem, out var report) ? problem : Envelope.Ok(report!);
    }
}
