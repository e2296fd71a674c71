using System.Diagnostics;
using Rollcall.Faces;
using Rollcall.Server.Enrolment;

namespace Rollcall.Server.Telemetry;

/// <summary>The spans of work on a photograph. It is a trace of its own, for it may run hours later, that links to the request that brought it.</summary>
internal static class ItemSpans
{
    /// <summary>What a job keeps of the request that submits it; nothing unless that request is traced.</summary>
    public static string? Submitting => Activity.Current is { Recorded: true, Id: { } id } ? id : null;

    public static Activity? Start(ClaimedItem item)
    {
        if (!Instruments.Spans.HasListeners()) return null;

        ActivityLink[] links = ActivityContext.TryParse(item.TraceParent, null, isRemote: true, out var submitting) ? [new(submitting)] : [];
        var span = Instruments.Spans.StartActivity("item", ActivityKind.Consumer, parentContext: default, links: links);
        span?.SetTag("rollcall.job_id", item.JobId).SetTag("rollcall.item_index", item.ItemIndex).SetTag("rollcall.bytes", item.BlobBytes);
        return span;
    }

    public static void End(Activity? span, ItemResult result)
    {
        if (span is null) return;
        span.SetTag("rollcall.result", result.GetType().Name);
        if (result is ItemResult.Failed failed) span.SetTag("error.type", failed.Code);
        if (result is ItemResult.Fault) span.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Draws the stages that were timed, the last of which has just ended.</summary>
    public static void Draw(IReadOnlyList<StageTime> stages, DateTimeOffset end)
    {
        if (Activity.Current is not { Recorded: true } item) return;

        for (var i = stages.Count - 1; i >= 0; i--)
        {
            var start = end - stages[i].Took;
            using var span = Instruments.Spans.StartActivity(stages[i].Name, ActivityKind.Internal, item.Context, startTime: start);
            span?.SetEndTime(end.UtcDateTime);
            end = start;
        }
    }
}

/// <summary>How long a stage took.</summary>
internal readonly record struct StageTime(string Name, TimeSpan Took)
{
    public static StageTime Of(FaceStage stage, TimeSpan took) => new(
        stage switch
        {
            FaceStage.Decode => "decode",
            FaceStage.Detect => "detect",
            FaceStage.Choose => "choose",
            FaceStage.Align => "align",
            FaceStage.Assess => "assess",
            FaceStage.Liveness => "liveness",
            FaceStage.Embed => "embed",
            _ => throw new ArgumentOutOfRangeException(nameof(stage)),
        },
        took);
}
