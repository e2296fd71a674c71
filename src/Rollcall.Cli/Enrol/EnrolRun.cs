using System.Text.Json;
using Rollcall.Cli.Jobs;
using Rollcall.Cli.Sources;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Enrol;

/// <summary>Carries a plan out.</summary>
/// <remarks>
/// Each of a few lanes takes a job, (1) submits it under a name that is on disk already, (2) writes down that it was accepted, (3) waits for its end,
/// (4) writes down what became of its photographs, and takes the next. What ends the command between two of these costs nothing: a submit is
/// repeated under its name, and the server answers with the job that it has. A job whose name is forgotten there is sent anew, and finds its
/// photographs enrolled.
/// </remarks>
internal sealed class EnrolRun(
    RunState state, IReadOnlyList<PhotographSource> sources, RollcallClient client, string collection, BatchOptions options, Patience patience, RunBoard board)
{
    private readonly JobFollower _follower = new(client, patience, board);

    public async Task RunAsync(int lanes, CancellationToken cancellationToken)
    {
        // One lane that cannot go on ends the others: what refuses one job refuses all.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = Enumerable.Range(0, lanes).Select(_ => LaneAsync(stop)).ToList();
        try
        {
            await Task.WhenAll(running);
        }
        catch (OperationCanceledException) when (running.Find(lane => lane.IsFaulted) is { } first)
        {
            await first;
        }
    }

    private async Task LaneAsync(CancellationTokenSource stop)
    {
        try
        {
            while (state.Take() is { } job)
            {
                await EnrolAsync(job, stop.Token);
            }
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task EnrolAsync(RunJob job, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (job.JobId is null)
            {
                if (job.Photographs.Count == 0)
                {
                    state.FinishEmpty(job);
                    return;
                }

                if (await SubmitAsync(job, cancellationToken) is not { } jobId)
                {
                    job = state.Again(job);
                    continue;
                }

                state.Accepted(job, jobId);
                job = job with { JobId = jobId };
            }

            if (await WaitAsync(job, cancellationToken) is { } finished)
            {
                state.Finish(job, finished);
                board.Finished(finished);
                return;
            }

            job = state.Again(job);
        }
    }

    /// <summary>The server's job; null when what is to be sent has changed, so that it needs another name.</summary>
    private async Task<string?> SubmitAsync(RunJob job, CancellationToken cancellationToken)
    {
        board.Sending();
        try
        {
            var gates = options with { OnDuplicate = job.OnDuplicate ?? options.OnDuplicate, IdempotencyKey = job.IdempotencyKey };
            var accepted = await patience.RunAsync(
                () => client.SubmitBatchAsync(collection, [.. job.Photographs.Select(Entry)], gates, cancellationToken), cancellationToken);
            return accepted.JobId;
        }
        catch (Exception exception) when (UnreadablePhotographException.In(exception) is { } unreadable)
        {
            state.Fail(unreadable.Photograph, unreadable.Refusal);
            board.Failed(unreadable.Refusal.Code);
            return null;
        }
        catch (RollcallException exception) when (exception.Code == ErrorCodes.IdempotencyKeyReused)
        {
            return null;
        }
        finally
        {
            board.Sent();
        }
    }

    /// <summary>The job at its end with its results; null when the server does not know it any more.</summary>
    private async Task<BatchJob?> WaitAsync(RunJob job, CancellationToken cancellationToken)
    {
        try
        {
            return await _follower.FollowAsync(BatchAddress.InCollection(collection, job.JobId!), cancellationToken);
        }
        catch (RollcallException exception) when (exception.Code == ErrorCodes.BatchJobNotFound)
        {
            board.Forget(job.JobId!);
            return null;
        }
    }

    private BatchEntry Entry(RunPhotograph photograph)
    {
        var source = sources[(int)photograph.Source];
        return new BatchEntry(photograph.ExternalId, new ImageFile(Path.GetFileName(photograph.Location), OpenAsync))
        {
            Metadata = photograph.Metadata is { } metadata ? JsonDocument.Parse(metadata).RootElement : null,
        };

        async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken)
        {
            Stream content;
            try
            {
                content = await source.OpenAsync(photograph.Location, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new UnreadablePhotographException(photograph, Refusal.Unreadable(exception), exception);
            }

            if (content.Length <= Photograph.LargestImage) return new PhotographStream(content, photograph);
            await content.DisposeAsync();
            throw new UnreadablePhotographException(photograph, Refusal.TooLarge);
        }
    }
}
