using System.CommandLine;
using Rollcall.Cli.Collections;
using Spectre.Console;

namespace Rollcall.Cli.Jobs;

internal static class CancelCommand
{
    public static Command Create() => Invocation.Create(
        "cancel", "Cancel a job; what is enrolled stays.", RunAsync, JobArgument.JobId, CollectionChoice.Option);

    private static async Task<int> RunAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        var job = await connection.Client.CancelBatchAsync(await JobArgument.FindAsync(invocation, connection), invocation.Cancellation);
        invocation.Output.Result(job, console => console.WriteLine(JobLine.Of(job)));
        return ExitCode.Done;
    }
}
