using System.CommandLine;
using Rollcall.Cli.Collections;
using Rollcall.Cli.Enrol;
using Rollcall.Cli.People;
using Rollcall.Cli.Sources;
using Rollcall.Cli.Terminal;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Sync;

/// <summary>Makes a collection like a folder, by the bytes of the photographs.</summary>
internal static class SyncCommand
{
    private static readonly Argument<string> Folder = new("folder") { Description = "The folder; who is not in it leaves the collection." };
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask." };
    private static readonly Option<bool> Plan = new("--plan") { Description = "Only say what would be done; exit code 6 when there is something." };
    private static readonly Option<bool> Rehash = new("--rehash") { Description = "Read every file, also those whose size and time have not changed." };
    private static readonly Option<bool> RetryRefused = new("--retry-refused") { Description = "Send photographs again that were refused before." };

    public static Command Create() => Invocation.Create(
        "sync",
        "Make a collection like a folder: add, change and remove what differs.",
        RunAsync,
        [
            Folder, CollectionChoice.Option, EnrolCommand.Id, Plan, Yes, RemovalLimit.Option, Rehash, RetryRefused,
            GateOptions.MultipleFaces, GateOptions.MinQuality, GateOptions.CheckLiveness, GateOptions.AllowIdentityChange,
            RunOptions.Lanes, RunOptions.GiveUpAfter, RunOptions.Report,
        ]);

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var root = Path.GetFullPath(invocation.Get(Folder));
        if (!Directory.Exists(root)) throw CommandException.Usage($"There is no folder '{root}'.");
        using var folder = new FolderSource(root, ExternalIdRule.Parse(invocation.Get(EnrolCommand.Id)));
        using var connection = invocation.Connect();
        var collection = await CollectionChoice.FindAsync(invocation, connection.Client);
        var gates = GateOptions.Read(invocation);
        var name = RunOptions.StatePath(invocation, Enrolment.Fingerprint([connection.Server.ToString(), collection.Id, root, "sync"]));
        using var memory = SyncMemory.Open(name);
        if (invocation.Get(RetryRefused)) memory.Forget();

        var (people, unusable) = await FolderHashes.ReadAsync(folder, memory, memory.Refused(gates.ToString()), invocation.Get(Rehash), invocation.Cancellation);
        var plan = SyncPlan.Create(people, await StandingAsync(connection.Client, collection.Id, invocation.Cancellation));
        var summary = SyncSummary.Of(collection.Id, plan, unusable.Count);
        if (!invocation.Output.IsJson) summary.DrawPlan(invocation.Output.Aside);
        foreach (var photograph in unusable)
        {
            invocation.Output.Say($"cannot be sent: {photograph.Location}: {photograph.Refusal!.Message}");
        }

        var limit = invocation.Get(RemovalLimit.Option);
        if (!limit.Allows(plan.Removed, plan.Standing))
            throw new CommandException(ExitCode.TooManyRemovals, $"It would remove {plan.Removed} of {plan.Standing} references, more than --max-removals {limit} allows. Nothing was changed.");
        if (invocation.Get(Plan) || plan.IsEmpty)
            return End(invocation, summary with { Executed = !invocation.Get(Plan) }, plan.IsEmpty ? EndOf(summary) : ExitCode.Pending);
        if (!invocation.Output.Confirm("Do it?", invocation.Get(Yes))) return ExitCode.Usage;

        summary = await SendAsync(invocation, connection.Client, folder, people, plan, gates, memory, name + ".run", summary);
        await RemoveAsync(connection.Client, collection.Id, plan, invocation);
        return End(invocation, summary, EndOf(summary));
    }

    private static async Task<Dictionary<string, List<StandingFace>>> StandingAsync(RollcallClient client, string collection, CancellationToken cancellationToken)
    {
        var standing = new Dictionary<string, List<StandingFace>>(StringComparer.Ordinal);
        await foreach (var face in FaceLists.AllAsync(client, collection, cancellationToken))
        {
            if (!standing.TryGetValue(face.ExternalId, out var faces)) standing[face.ExternalId] = faces = [];
            faces.Add(new(face.FaceId, face.ImageSha256));
        }

        return standing;
    }

    private static async Task<SyncSummary> SendAsync(
        Invocation invocation,
        RollcallClient client,
        FolderSource folder,
        Dictionary<string, List<LocalPhotograph>> people,
        SyncPlan plan,
        BatchOptions gates,
        SyncMemory memory,
        string path,
        SyncSummary summary)
    {
        EnrolSummary sent;
        using (var state = RunState.Open(path, path, fresh: true))
        {
            state.Plan(plan.Uploads);
            var board = new RunBoard(invocation.Time, plan.Uploads.Count, 0);
            var patience = new Patience(invocation.Time, TimeSpan.FromMinutes(invocation.Get(RunOptions.GiveUpAfter)), board.Note);
            var run = new EnrolRun(state, [folder], client, summary.CollectionId, gates, patience, board);
            await ProgressView.ShowAsync(invocation.Output, board, invocation.Time, () => run.RunAsync(invocation.Get(RunOptions.Lanes), invocation.Cancellation));

            var hashes = people.Values.SelectMany(photographs => photographs).ToLookup(photograph => photograph.Location, photograph => photograph.Sha256);
            memory.Refuse(gates.ToString(), state.Lines(failedOnly: true).Select(line => (line.ExternalId, hashes[line.Location].First()!, line.Code ?? "")).ToList());
            sent = await Enrolment.SummariseAsync(invocation, state, [folder], summary.CollectionId, resumed: false);
        }

        RunState.Delete(path);
        return summary with { Executed = true, Outcomes = sent.Outcomes, Failures = sent.Failures, Report = sent.Report };
    }

    /// <summary>After the new ones are in. Who is gone already is no failure: that is what was wanted.</summary>
    private static async Task RemoveAsync(RollcallClient client, string collection, SyncPlan plan, Invocation invocation)
    {
        var patience = new Patience(invocation.Time, TimeSpan.FromMinutes(invocation.Get(RunOptions.GiveUpAfter)), invocation.Output.Say);
        foreach (var removal in plan.Removals)
        {
            foreach (var face in removal.FaceIds ?? [null!])
            {
                try
                {
                    await patience.RunAsync(
                        () => face is null
                            ? client.ErasePersonAsync(collection, removal.ExternalId, suppress: false, invocation.Cancellation)
                            : client.DeleteFaceAsync(collection, face, invocation.Cancellation),
                        invocation.Cancellation);
                }
                catch (RollcallException exception) when (exception.Code is ErrorCodes.FaceNotFound or ErrorCodes.NotFound)
                {
                    invocation.Output.Say($"'{removal.ExternalId}' is gone already.");
                }
            }
        }
    }

    private static int EndOf(SyncSummary summary) => summary.Failures.Count > 0 || summary.CannotBeSent > 0 ? ExitCode.SomeFailed : ExitCode.Done;

    private static int End(Invocation invocation, SyncSummary summary, int exitCode)
    {
        invocation.Output.Result(summary, CliJson.Default.SyncSummary, summary.DrawResult);
        return exitCode;
    }
}
