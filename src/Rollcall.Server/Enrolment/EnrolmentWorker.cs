using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Enrolment;

/// <summary>
/// Works the queue off: one loop claims, as many as there are cores process, one commits what has finished in groups, one keeps the
/// leases. Nothing lives here alone: what a dead worker had in hand is in the table, under a lease that runs out.
/// </summary>
internal sealed partial class EnrolmentWorker(
    WorkQueue queue,
    ItemProcessor processor,
    WorkSignal signal,
    Throughput throughput,
    FaceModels models,
    Instruments instruments,
    TimeProvider time,
    IOptions<QueueOptions> options,
    IHostApplicationLifetime lifetime,
    ILogger<EnrolmentWorker> logger) : BackgroundService
{
    private static readonly TimeSpan OutagePause = TimeSpan.FromSeconds(2);

    private readonly string _workerId = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<LeaseKey, InHand> _inHand = new();
    private readonly ConcurrentDictionary<LeaseKey, long> _stopped = new();
    private readonly WorkSignal _freed = new(time);
    private int _workers;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _workers = options.Value.Workers;

        // A handful in work and a handful waiting on the belt: enough that the cores never wait for a claim, few enough that a kill
        // leaves few suspects.
        var capacity = _workers * 4;
        var belt = Channel.CreateBounded<ClaimedItem>(capacity);
        var finished = Channel.CreateBounded<FinishedItem>(capacity);
        using var ended = new CancellationTokenSource();

        var renewing = Task.Run(() => KeepLeasesAsync(ended.Token), CancellationToken.None);
        var committing = Task.Run(() => CommitAsync(finished.Reader, capacity), CancellationToken.None);
        var processing = Enumerable.Range(0, _workers)
            .Select(_ => Task.Run(() => ProcessAsync(belt.Reader, finished.Writer, stoppingToken), CancellationToken.None)).ToArray();

        await ClaimAsync(belt.Writer, capacity, stoppingToken);

        // Shutting down: nothing new; what is being worked on is finished, what waits on the belt is given back.
        belt.Writer.Complete();
        await Task.WhenAll(processing);
        finished.Writer.Complete();
        await committing;
        await ended.CancelAsync();
        await renewing;
    }

    private async Task ClaimAsync(ChannelWriter<ClaimedItem> belt, int capacity, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var free = capacity - _inHand.Count;
                if (free < capacity / 2) // a claim is a commit: not one for each item
                {
                    await _freed.WaitAsync(options.Value.Poll, stopping);
                    continue;
                }

                var claim = await queue.ClaimAsync(_workerId, free, handsFree: _inHand.IsEmpty, stopping);
                foreach (var item in claim.Items)
                {
                    _inHand[item.Key] = new InHand(item.Suspect);
                    await belt.WriteAsync(item, CancellationToken.None); // there is room: no more is claimed than is free
                }

                if (claim.SuspectWaits) await _freed.WaitAsync(options.Value.Poll, stopping);
                else if (claim.Items is [{ Suspect: true }]) await AloneAsync(stopping);
                else if (claim.Items.Count == 0) await signal.WaitAsync(options.Value.Poll, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogClaimFailed(e);
                await PauseAsync(stopping);
            }
        }
    }

    /// <summary>Until a suspect is done nothing else is claimed.</summary>
    private async Task AloneAsync(CancellationToken stopping)
    {
        while (!_inHand.IsEmpty) await _freed.WaitAsync(options.Value.Poll, stopping);
    }

    private async Task ProcessAsync(ChannelReader<ClaimedItem> belt, ChannelWriter<FinishedItem> finished, CancellationToken stopping)
    {
        await foreach (var item in belt.ReadAllAsync(CancellationToken.None))
        {
            var lost = _inHand[item.Key].Lost.Token;
            using var scope = logger.BeginScope(LogScope.OfJob(item.JobId));
            using var span = ItemSpans.Start(item);
            try
            {
                var start = time.GetTimestamp();
                var result = stopping.IsCancellationRequested ? new ItemResult.Retry(TimeSpan.Zero) : await processor.ProcessAsync(item, lost);
                throughput.Add(time.GetElapsedTime(start));
                ItemSpans.End(span, result);
                LogWorkedOn(item.ItemId, result.GetType());
                await finished.WriteAsync(new FinishedItem(item, result), CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                Discard(item);
                Free(item);
            }
            catch (Exception e)
            {
                // The processor answers for what pictures and stores do; this is a bug, and the loop goes on all the same.
                LogProcessingFailed(e, item.ItemId);
                Free(item);
            }
        }
    }

    private async Task CommitAsync(ChannelReader<FinishedItem> finished, int most)
    {
        var group = new List<FinishedItem>(most);
        while (await finished.WaitToReadAsync(CancellationToken.None))
        {
            // All that has finished while the last commit was synced goes into the next: one fsync for a group.
            while (group.Count < most && finished.TryRead(out var one)) group.Add(one);
            try
            {
                await SettleAsync(group);
            }
            catch (Exception e)
            {
                LogCommitFailed(e, group.Count);
                await SettleOneByOneAsync(group);
            }

            foreach (var one in group) Free(one.Item);
            group.Clear();
        }
    }

    private async Task SettleAsync(List<FinishedItem> group)
    {
        foreach (var (item, result) in group)
        {
            if (result is ItemResult.Retry retry) await queue.GiveBackAsync(item, retry.Pause, CancellationToken.None);
            else if (result is ItemResult.Fault) await queue.GiveBackFaultyAsync(item, CancellationToken.None);
        }

        var done = group.FindAll(one => one.Result is not (ItemResult.Retry or ItemResult.Fault));
        foreach (var job in done.Where(one => one.Result is ItemResult.Failed { Code: ErrorCodes.ModelMismatch }).DistinctBy(one => one.Item.JobId).ToList())
        {
            var why = (ItemResult.Failed)job.Result;
            if (!await queue.FailJobAsync(job.Item.JobId, why.Code, why.Message, CancellationToken.None)) continue;
            LogJobFailed(job.Item.JobId, why.Code);
            done.RemoveAll(one => one.Item.JobId == job.Item.JobId);
        }

        var answers = await queue.CompleteAsync(done, models.Engine.Pack.Calibration, CancellationToken.None);
        for (var i = 0; i < done.Count; i++)
            if (answers[i] == Completion.LeaseLost) Discard(done[i].Item);
        if (answers.Contains(Completion.NeedsDecoding)) signal.Set();
    }

    /// <summary>A group that cannot be committed is tried item by item, so that one that is at fault does not hold up the others.</summary>
    private async Task SettleOneByOneAsync(List<FinishedItem> group)
    {
        foreach (var one in group)
        {
            try
            {
                await SettleAsync([one]);
            }
            catch (Exception e)
            {
                LogCommitFailed(e, 1);
                await GiveBackAsync(one.Item, faulty: !queue.IsOutage(e));
            }
        }
    }

    private async Task GiveBackAsync(ClaimedItem item, bool faulty)
    {
        try
        {
            await (faulty ? queue.GiveBackFaultyAsync(item, CancellationToken.None) : queue.GiveBackAsync(item, OutagePause, CancellationToken.None));
        }
        catch (Exception e)
        {
            // The lease runs out by itself.
            LogGiveBackFailed(e, item.ItemId);
        }
    }

    private void Discard(ClaimedItem item)
    {
        instruments.ResultsDiscarded.Add(1);
        LogLeaseLost(item.ItemId);
    }

    private void Free(ClaimedItem item)
    {
        if (_inHand.TryRemove(item.Key, out var hand)) hand.Lost.Dispose();
        _stopped.TryRemove(item.Key, out _);
        _freed.Set();
    }

    private async Task PauseAsync(CancellationToken ct)
    {
        try
        {
            await Task.Delay(OutagePause, time, ct);
        }
        catch (OperationCanceledException)
        {
            // Shutting down ends the pause.
        }
    }

    /// <param name="isAlone">A suspect, beside which nothing else is in hand.</param>
    private sealed class InHand(bool isAlone)
    {
        public bool IsAlone => isAlone;

        public CancellationTokenSource Lost { get; } = new();
    }
}
