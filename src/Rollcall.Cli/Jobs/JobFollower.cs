using System.Net;
using Rollcall.Cli.Enrol;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Jobs;

/// <summary>Follows a job to its end: by its events, which tell each item as it ends; by polls where no stream comes through.</summary>
internal sealed class JobFollower(RollcallClient client, Patience patience, RunBoard board)
{
    /// <summary>The server lets a credential have five streams; one is left for whoever watches beside.</summary>
    private const int MostStreams = 4;

    /// <summary>Events say something each time an item ends. When they say nothing for so long, a poll tells how it is.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenPolls = TimeSpan.FromSeconds(2);

    private int _streams;

    /// <returns>The job as it ended, with its results.</returns>
    public async Task<BatchJob> FollowAsync(BatchAddress address, CancellationToken cancellationToken)
    {
        board.At(address.JobId, 0);
        if (!await ListenAsync(address, cancellationToken)) await PollAsync(address, cancellationToken);
        return await patience.RunAsync(() => client.GetBatchAsync(address, BatchResults.All, cancellationToken), cancellationToken);
    }

    /// <summary>False when the events did not come to an end.</summary>
    private async Task<bool> ListenAsync(BatchAddress address, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(LongestSilence, patience.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            if (Interlocked.Increment(ref _streams) > MostStreams) return false;
            await foreach (var told in client.FollowBatchAsync(address, cancellationToken: either.Token))
            {
                silence.CancelAfter(LongestSilence);
                if (told.Item is { } item) board.Ended(address.JobId, item);
                if (told.Kind == BatchEventKind.Done) return true;
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && IsOfTheStream(exception))
        {
            // Not every way to a server lets events through.
            board.Note("no events come through, so the job is asked for now and then");
        }
        finally
        {
            Interlocked.Decrement(ref _streams);
        }

        return false;
    }

    private async Task PollAsync(BatchAddress address, CancellationToken cancellationToken)
    {
        while (true)
        {
            var job = await patience.RunAsync(() => client.GetBatchAsync(address, BatchResults.None, cancellationToken), cancellationToken);
            board.At(job.JobId, job.Processed);
            if (job.Status is JobStatus.Done or JobStatus.Failed) return;
            await patience.PauseAsync(BetweenPolls, cancellationToken);
        }
    }

    /// <summary>Whether a poll may do better; not what the server has said about the job or the caller, and would say again.</summary>
    private static bool IsOfTheStream(Exception exception) => exception switch
    {
        RollcallException { Status: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound } => false,
        RollcallException or HttpRequestException or IOException or OperationCanceledException => true,
        _ => false,
    };
}
