using Rollcall.Cli.Enrol;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Jobs;

/// <summary>Follows a job to its end: by its events, which tell each item as it ends; by polls where no stream comes through.</summary>
internal sealed class JobFollower(RollcallClient client, Patience patience, RunBoard board)
{
    /// <summary>The server lets a credential have five streams; one is left for whoever watches beside.</summary>
    private const int MostStreams = 4;

    private int _streams;

    /// <returns>The job as it ended, with its results.</returns>
    public async Task<BatchJob> FollowAsync(BatchAddress address, CancellationToken cancellationToken)
    {
        board.At(address.JobId, 0);
        if (!await ListenAsync(address, cancellationToken))
            await patience.RunAsync(() => client.WaitForCompletionAsync(address, BatchResults.None, new Polled(board), cancellationToken), cancellationToken);
        return await patience.RunAsync(() => client.GetBatchAsync(address, BatchResults.All, cancellationToken), cancellationToken);
    }

    /// <summary>False when the events did not come to an end.</summary>
    private async Task<bool> ListenAsync(BatchAddress address, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _streams) > MostStreams) return false;
            await foreach (var told in client.FollowBatchAsync(address, cancellationToken: cancellationToken))
            {
                if (told.Item is { } item) board.Ended(address.JobId, item);
                if (told.Kind == BatchEventKind.Done) return true;
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            board.Note("the events broke off");
        }
        finally
        {
            Interlocked.Decrement(ref _streams);
        }

        return false;
    }

    private sealed class Polled(RunBoard board) : IProgress<BatchJob>
    {
        public void Report(BatchJob value) => board.At(value.JobId, value.Processed);
    }
}
