using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using Rollcall.Client.Contracts;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Batches;

/// <summary>What a poll asks for.</summary>
/// <param name="Known">The tags of <c>If-None-Match</c>; none when the caller knows nothing yet.</param>
/// <param name="Wait">How long the answer may take to be news.</param>
internal sealed record PollRequest(
    string OrganizationId, string? CollectionId, string JobId, ResultsView View, IReadOnlyList<EntityTagHeaderValue> Known, TimeSpan Wait);

/// <summary>A look at a job.</summary>
/// <param name="IsNews">Whether the caller does not know it yet.</param>
internal sealed record PolledJob(BatchJob Job, EntityTagHeaderValue Tag, bool IsNews);

/// <summary>Polls that may wait for a change.</summary>
internal sealed class BatchPoll(BatchStore store, BatchEvents events, Throughput throughput, TimeProvider time)
{
    private const int MostWaiting = 5;

    private readonly ConcurrentDictionary<string, int> _waiting = new(StringComparer.Ordinal);

    /// <summary>How many polls wait and event streams are open now, of all credentials.</summary>
    public int Waiting => _waiting.Values.Sum();

    public static Problem Full() => new(ErrorCodes.RateLimitExceeded, "This credential has as many polls waiting and event streams open as it may: let one end first.")
    {
        RetryAfterSeconds = 1,
    };

    /// <summary>A place among the waiting polls and event streams of a credential; false when all are taken.</summary>
    public bool TryEnter(string credential)
    {
        if (_waiting.AddOrUpdate(credential, 1, (_, count) => count + 1) <= MostWaiting) return true;
        Leave(credential);
        return false;
    }

    public void Leave(string credential)
    {
        if (_waiting.AddOrUpdate(credential, 0, (_, count) => count - 1) == 0) _waiting.TryRemove(KeyValuePair.Create(credential, 0));
    }

    /// <summary>
    /// Answers at once when the job is finished or the caller knows another state of it; else with the first change, or with what there
    /// is when the time is up. Null when there is no such job.
    /// </summary>
    public async Task<PolledJob?> PollAsync(PollRequest request, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var first = await LookAsync(request, ct);
        var now = first;
        while (now is not null && now.Job.CompletedAt is null && !IsAwaited(now))
        {
            var left = request.Wait - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) break;

            // Listening begins before the next look, so that no change falls in between.
            var change = events.Next(request.JobId);
            now = await LookAsync(request, ct);
            if (now is not null && now.Job.CompletedAt is null && !IsAwaited(now)) await events.WaitAsync(change, left, ct);
        }

        return now is null ? null : now with { Job = await WithEtaAsync(now.Job, ct) };

        bool IsAwaited(PolledJob polled) => request.Known.Count > 0 ? polled.IsNews : !polled.Tag.Equals(first!.Tag);
    }

    /// <summary>The finished job; null when it is not finished by the time that was given.</summary>
    public async Task<BatchJob?> EndOfAsync(string organizationId, string jobId, TimeSpan atMost, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var change = events.Next(jobId);
            var job = await store.FindAsync(organizationId, null, jobId, ResultsView.All, ct);
            if (job is null or { CompletedAt: not null })
            {
                events.Changed([jobId]); // nobody need listen to it any more
                return job;
            }

            var left = atMost - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return null;
            await events.WaitAsync(change, left, ct);
        }
    }

    private async Task<PolledJob?> LookAsync(PollRequest request, CancellationToken ct)
    {
        if (await store.FindAsync(request.OrganizationId, request.CollectionId, request.JobId, request.View, ct) is not { } job) return null;
        if (job.CompletedAt is not null) events.Changed([request.JobId]); // nobody need listen to it any more

        var tag = TagOf(job);
        return new PolledJob(job, tag, !request.Known.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false)));
    }

    /// <summary>A running job with an estimate of what is left.</summary>
    public async Task<BatchJob> WithEtaAsync(BatchJob job, CancellationToken ct) =>
        job.CompletedAt is not null ? job : job with { EtaSeconds = throughput.SecondsFor(await store.CountAheadAsync(job.JobId, ct)) };

    private static EntityTagHeaderValue TagOf(BatchJob job)
    {
        var bytes = UnpooledJson.Of(job, RollcallJson.Options);
        return new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"");
    }
}
