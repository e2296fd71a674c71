using System.CommandLine;
using Rollcall.Cli.Collections;
using Rollcall.Cli.Enrol;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Jobs;

/// <summary>Waits for the end of a job and tells what became of it.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(15);

    public static Command Create() => Invocation.Create(
        "watch", "Wait for the end of a job. Exit code 1 when some of it failed.", RunAsync, JobArgument.JobId, CollectionChoice.Option);

    private static async Task<int> RunAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        var address = await JobArgument.FindAsync(invocation, connection);
        return await FollowAsync(invocation, connection.Client, address);
    }

    public static async Task<int> FollowAsync(Invocation invocation, RollcallClient client, BatchAddress address)
    {
        var first = await client.GetBatchAsync(address, BatchResults.None, invocation.Cancellation);
        var board = new RunBoard(invocation.Time, first.Total, 0);
        var patience = new Patience(invocation.Time, GiveUpAfter, board.Note);
        BatchJob? job = null;
        await ProgressView.ShowAsync(invocation.Output, board, invocation.Time, async () =>
        {
            job = await new JobFollower(client, patience, board).FollowAsync(address, invocation.Cancellation);
            board.Finished(job);
        });
        invocation.Output.Result(job!, console => JobLine.Draw(console, job!));
        return job!.Failed > 0 || job.Status == JobStatus.Failed ? ExitCode.SomeFailed : ExitCode.Done;
    }
}
