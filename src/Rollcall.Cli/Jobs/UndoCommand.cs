using System.CommandLine;
using Rollcall.Cli.Collections;
using Spectre.Console;

namespace Rollcall.Cli.Jobs;

internal static class UndoCommand
{
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask." };

    public static Command Create() => Invocation.Create(
        "undo", "Take back what a finished job enrolled, and let stand again what it superseded.", RunAsync, JobArgument.JobId, CollectionChoice.Option, Yes);

    private static async Task<int> RunAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        var address = await JobArgument.FindAsync(invocation, connection);
        if (!invocation.Output.Confirm($"Take back what the job {address.JobId} enrolled?", invocation.Get(Yes))) return ExitCode.Usage;
        var undone = await connection.Client.UndoBatchAsync(address, invocation.Cancellation);
        invocation.Output.Result(undone, console =>
        {
            console.WriteLine($"{undone.Removed} references removed, {undone.Restored} restored.");
            foreach (var left in undone.Left)
            {
                console.WriteLine($"  {left.Index,3} left as it is: {left.Reason}");
            }
        });
        return ExitCode.Done;
    }
}
