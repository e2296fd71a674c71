using System.Data.Common;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Rollcall.Client.Contracts;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Batches;

/// <summary>Whose events are told, to whom, and from where on.</summary>
internal sealed record EventsRequest(string OrganizationId, string? CollectionId, string JobId, EventPosition After, HttpContext Http);

/// <summary>Tells what happens to a job: each item once as it becomes final, how far the job is, and its end.</summary>
/// <remarks>
/// 1. Listening begins before the look, so that no change falls in between.
/// 2. Each look asks first whether the caller would still be let in: nothing is told that a poll at this moment would be refused.
/// 3. The items that became final come before the <c>progress</c> that counts them, all from one snapshot.
/// 4. A finished job, failed as a whole or not, is told with <c>done</c>, and that is the last. A job that is gone ends the stream without it.
/// 5. While nothing happens nothing is looked up, but for a look whenever the line has been quiet for a while: another process may have
///    changed the job, and the caller may have lost the right to hear of it.
/// </remarks>
internal sealed partial class JobEvents(
    BatchStore store, BatchPoll polls, BatchEvents events, StandingAccess access, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<JobEvents> logger)
{
    /// <summary>After so long without an event there is a comment, for proxies and callers who would take the line for dead.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    /// <param name="keepAliveAsync">Writes the comment.</param>
    public async IAsyncEnumerable<SseItem<object>> TellAsync(EventsRequest request, Func<Task> keepAliveAsync, [EnumeratorCancellation] CancellationToken ct)
    {
        var position = request.After with { IsEnd = false };
        BatchJob? told = null;
        var spoken = time.GetTimestamp();
        while (true)
        {
            var change = events.Next(request.JobId); // 1
            if (await LookAsync(request, told, ct) is not { } job) break; // 2, 4

            position = position.Among(job.Results!);
            foreach (var item in job.Results!.Where(item => !position.Has(item.Index))) // 3
            {
                position = position.With(item.Index);
                yield return Event("item", item);
            }

            var view = job with { Results = null };
            if (view.CompletedAt is not null) // 4
            {
                position = position with { IsEnd = true };
                yield return Event("done", view);
                break;
            }

            if (view with { EtaSeconds = null } is var state && state != told)
            {
                told = state;
                yield return Event("progress", view);
            }

            if (await WaitAsync(change) is not { } comes) break;
            if (comes) continue;
            await keepAliveAsync(); // 5
            spoken = time.GetTimestamp();
        }

        events.Changed([request.JobId]); // nobody need listen to it any more, and who does looks again

        SseItem<object> Event(string type, object data)
        {
            spoken = time.GetTimestamp();
            return new SseItem<object>(data, type) { EventId = position.ToId(request.JobId) };
        }

        // Whether a change came; null when the server stops.
        async Task<bool?> WaitAsync(Task change)
        {
            var left = LongestSilence - time.GetElapsedTime(spoken);
            if (left <= TimeSpan.Zero) return false;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, lifetime.ApplicationStopping);
            try
            {
                return await events.ComesAsync(change, left, either.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    /// <summary>The job with all of its final items, and an estimate where it is news; null when it is gone, the caller may not see it any more, or nobody can say.</summary>
    private async Task<BatchJob?> LookAsync(EventsRequest request, BatchJob? told, CancellationToken ct)
    {
        try
        {
            if (!await access.IsHeldAsync(request.Http, request.OrganizationId, ct)) return null;
            var job = await store.FindAsync(request.OrganizationId, request.CollectionId, request.JobId, ResultsView.All, ct);
            return job is null || job with { Results = null } == told ? job : await polls.WithEtaAsync(job, ct); // an estimate counts the whole queue
        }
        catch (Exception e) when (e is DbException or IOException)
        {
            LogBroken(e, request.JobId); // whoever listens comes again, and is told 503 if it still is so
            return null;
        }
    }

    [LoggerMessage(2601, LogLevel.Warning, "Job {JobId}: its events end early, for the storage does not answer; the caller may go on where it was.")]
    private partial void LogBroken(Exception exception, string jobId);
}
