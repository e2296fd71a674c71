using System.Net;
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
/// repeated under its name, and the server answers with the job that it has.
/// </remarks>
internal sealed class EnrolRun(
    RunState state, IReadOnlyList<PhotographSource> sources, RollcallClient client, string collection, BatchOptions options, Patience patience, RunBoard board)
{
    private readonly JobFollower _follower = new(client, patience, board);

    public async Task RunAsync(int lanes, CancellationToken cancellationToken)
    {
        // One lane that cannot go on ends the others: what refuses one job refuses all.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, lanes).Select(_ => LaneAsync(stop)));
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
        while (job.JobId is null)
        {
            if (job.Photographs.Count == 0)
            {
                state.FinishEmpty(job);
                return;
            }

            if (await SubmitAsync(job, cancellationToken) is { } jobId)
            {
                state.Accepted(job, jobId);
                job = job with { JobId = jobId };
            }
            else
            {
                job = state.Again(job);
            }
        }

        if (await WaitAsync(job, cancellationToken) is { } finished)
        {
            state.Finish(job, finished);
            board.Finished(finished);
            return;
        }

        // Sent again it might bring back who was erased meanwhile, or what was undone.
        Fail(job, Refusal.Unknown);
        state.FinishEmpty(job);
    }

    /// <summary>The server's job; null when what is to be sent has changed, so that it needs another name.</summary>
    private async Task<string?> SubmitAsync(RunJob job, CancellationToken cancellationToken)
    {
        board.Sending();
        try
        {
            var accepted = await patience.RunAsync(() => SendAsync(job, cancellationToken), cancellationToken);
            return accepted.JobId;
        }
        catch (Exception exception) when (UnreadablePhotographException.In(exception) is { } unreadable)
        {
            foreach (var (photograph, refusal) in unreadable.Refused)
            {
                state.Fail(photograph, refusal);
                board.Failed(refusal.Code);
            }

            return null;
        }
        catch (RollcallException exception) when (exception.Code == ErrorCodes.IdempotencyKeyReused)
        {
            return null;
        }
        catch (RollcallException exception) when (exception.Status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge && state.HasAccepted())
        {
            // The server has taken others under the same gates: it is about what is in this one.
            Fail(job, new(exception.Code, exception.Message));
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

    private Task<BatchAccepted> SendAsync(RunJob job, CancellationToken cancellationToken)
    {
        var fit = new List<(RunPhotograph Photograph, FileLook Look)>();
        var refused = new List<(RunPhotograph, Refusal)>();
        foreach (var photograph in job.Photographs)
        {
            var look = sources[(int)photograph.Source].Look(photograph.Location);
            if (Judge(photograph, look) is { } refusal)
                refused.Add((photograph, refusal));
            else
                fit.Add((photograph, look!));
        }

        if (refused.Count > 0) throw new UnreadablePhotographException(refused);
        state.See(fit.Select(one => (one.Photograph.Id, one.Look.Seen)));
        var gates = options with { OnDuplicate = job.OnDuplicate ?? options.OnDuplicate, IdempotencyKey = job.IdempotencyKey };
        return client.SubmitBatchAsync(collection, [.. fit.Select(one => Entry(one.Photograph, one.Look))], gates, cancellationToken);
    }

    /// <summary>Why a photograph is not sent; null when it is.</summary>
    private Refusal? Judge(RunPhotograph photograph, FileLook? look)
    {
        var source = sources[(int)photograph.Source];
        if (look is null && !source.IsThere)
            throw new CommandException(ExitCode.Failed, $"'{source.Name}' is not there any more, or empty. The same command goes on when it is back.");
        if (look is null) return photograph.Seen is null ? Refusal.Missing : Refusal.MissingOnceSent;
        if (look.Length == 0) return Refusal.Empty;
        if (look.Length > Photograph.LargestImage) return Refusal.TooLarge;
        return photograph.Seen is null || photograph.Seen == look.Seen ? null : Refusal.Changed;
    }

    private BatchEntry Entry(RunPhotograph photograph, FileLook look)
    {
        var source = sources[(int)photograph.Source];
        return new BatchEntry(photograph.ExternalId, new ImageFile(Path.GetFileName(photograph.Location), OpenAsync) { Length = look.Changed is null ? null : look.Length })
        {
            Metadata = photograph.Metadata is { } metadata ? JsonElement.Parse(metadata) : null,
        };

        async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken)
        {
            try
            {
                return new PhotographStream(await source.OpenAsync(photograph.Location, cancellationToken), photograph);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new UnreadablePhotographException(photograph, exception);
            }
        }
    }

    private void Fail(RunJob job, Refusal refusal)
    {
        foreach (var photograph in job.Photographs)
        {
            state.Fail(photograph, refusal);
            board.Failed(refusal.Code);
        }
    }
}
