using System.CommandLine;
using Rollcall.Cli.Collections;
using Rollcall.Cli.Enrol;
using Rollcall.Client;
using Rollcall.Client.Contracts;
using Spectre.Console;

namespace Rollcall.Cli.Jobs;

/// <summary>Tries the failed items of a job again, with other gates if wanted; the photographs are at the server still.</summary>
internal static class RetryCommand
{
    private static readonly Option<string[]> Codes = new("--code")
    {
        Description = "Only items that failed with this code; may be given several times.",
        HelpName = "CODE",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> Wait = new("--wait") { Description = "Wait for the end of the new job." };

    public static Command Create() => Invocation.Create(
        "retry", "Try the failed items of a finished job again, as a new job.", RunAsync, [JobArgument.JobId, CollectionChoice.Option, Codes, .. GateOptions.All, Wait]);

    private static async Task<int> RunAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        var gates = GateOptions.Read(invocation);
        var retry = new RetryBatch
        {
            Codes = invocation.Get(Codes) is { Length: > 0 } codes ? codes : null,
            OnDuplicate = gates.OnDuplicate,
            MultipleFaces = gates.MultipleFaces,
            MinQuality = gates.MinQuality,
            CheckLiveness = gates.CheckLiveness,
            AllowIdentityChange = gates.AllowIdentityChange,
        };
        var job = await connection.Client.RetryBatchAsync(await JobArgument.FindAsync(invocation, connection), retry, invocation.Cancellation);
        if (invocation.Get(Wait))
            return await WatchCommand.FollowAsync(invocation, connection.Client, BatchAddress.InCollection(job.CollectionId, job.JobId));
        invocation.Output.Result(job, console => console.WriteLine(JobLine.Of(job)));
        return ExitCode.Done;
    }
}
