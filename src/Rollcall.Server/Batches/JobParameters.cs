using Rollcall.Client.Contracts;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Batches;

/// <summary>What the routes about jobs take besides the path, for the document.</summary>
internal static class JobParameters
{
    public static IReadOnlyList<RequestParameter> Filters { get; } =
    [
        RequestParameter.Query("status", Schemas.Choice<JobStatus>(), "Only jobs that are so far."),
        RequestParameter.Query("collection_id", Schemas.Text(), "Only jobs of this collection."),
        RequestParameter.Query("created_after", Schemas.Moment(), "Only jobs accepted after this moment."),
        RequestParameter.Query("created_before", Schemas.Moment(), "Only jobs accepted before this moment."),
    ];

    public static AnswerHeader Tag { get; } = new("ETag", Schemas.Text(), "The entity tag of this view of the job; send it back as If-None-Match.");

    public static IReadOnlyList<RequestParameter> OfPoll(int mostWaitSeconds) =>
    [
        RequestParameter.Query("results", Schemas.Choice("true", "false", "failed").Or("true"), "All final items, none, or the failed ones."),
        RequestParameter.Query("wait", Schemas.Whole(0, mostWaitSeconds).Or(0), "Seconds to wait for a change; with If-None-Match, until the tag differs."),
        RequestParameter.Header("If-None-Match", Schemas.Text(), "Entity tags of answers that are known: 304 when nothing has changed since."),
    ];
}
