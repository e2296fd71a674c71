using System.CommandLine;
using System.Text.Json;
using Rollcall.Cli.Collections;
using Rollcall.Cli.Enrol;
using Rollcall.Cli.People;
using Rollcall.Cli.Sources;
using Rollcall.Cli.Terminal;

namespace Rollcall.Cli.Sync;

/// <summary>Makes a collection like a folder, by the bytes of the photographs.</summary>
internal static class SyncCommand
{
    private const int Shown = 20;

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
        using var folder = new FolderSource(FolderSource.RealPath(root), ExternalIdRule.Parse(invocation.Get(EnrolCommand.Id))) { MustSeeAll = true };
        using var connection = invocation.Connect();
        var collection = await CollectionChoice.FindAsync(invocation, connection.Client);
        var name = RunOptions.StatePath(invocation, Enrolment.Fingerprint([connection.Server.ToString(), collection.Id, folder.Name, "sync"]));
        if (invocation.Get(RunOptions.Report) is { } report) Report.Claim(Path.GetFullPath(report), [folder]);
        using var memory = SyncMemory.Open(name);
        var patience = new Patience(invocation.Time, TimeSpan.FromMinutes(invocation.Get(RunOptions.GiveUpAfter)), invocation.Output.Say);
        var run = new SyncRun(invocation, connection.Client, collection, folder, memory, name + ".run", patience);

        await FolderReading.ReadAsync(folder, memory, invocation.Get(Rehash), invocation.Cancellation);
        if (!invocation.Gave(EnrolCommand.Id) && memory.Scattered() is { Count: > 0 } scattered) throw ExternalIdRule.Scattered(scattered);
        await memory.AddAsync(FaceLists.AllAsync(connection.Client, collection.Id, patience, invocation.Cancellation), invocation.Cancellation);
        memory.Compare(run.Gates, invocation.Get(RetryRefused));
        var counts = memory.Count();
        var plan = SyncSummary.Of(collection.Id, memory, counts, executed: false);
        Show(invocation, folder, memory, plan);

        var limit = invocation.Get(RemovalLimit.Option);
        if (!limit.Allows(plan.Removed, memory.Standing))
        {
            var why = $"It would remove {plan.Removed} of {memory.Standing} references, more than --max-removals {limit} allows. Nothing was changed.";
            if (!invocation.Output.IsJson) throw new CommandException(ExitCode.TooManyRemovals, why);
            return End(invocation, plan with { Success = false, Error = new("TOO_MANY_REMOVALS", why) }, ExitCode.TooManyRemovals);
        }

        if (invocation.Get(Plan)) return End(invocation, plan, counts.IsEmpty ? EndOf(memory, counts) : ExitCode.Pending);
        if (!counts.IsEmpty && !invocation.Output.Confirm("Do it?", invocation.Get(Yes))) return ExitCode.Usage;

        var (outcomes, written) = await run.RunAsync(counts);
        counts = memory.Count();
        var exitCode = EndOf(memory, counts);
        memory.Close();
        return End(invocation, SyncSummary.Of(collection.Id, memory, counts, executed: true) with { Outcomes = outcomes, Report = written }, exitCode);
    }

    /// <summary>A photograph that has been told before rings no bell each night; that somebody has a file here and no reference does.</summary>
    private static int EndOf(SyncMemory memory, ChangeCounts counts) =>
        counts[ChangeKind.NotEnrolled] > counts.ToldBefore || counts.WithoutReference > 0 ? ExitCode.SomeFailed : ExitCode.Done;

    private static void Show(Invocation invocation, FolderSource folder, SyncMemory memory, SyncSummary plan)
    {
        if (invocation.Output.IsJson) return;
        plan.DrawPlan(invocation.Output.Aside);
        List("to add", ChangeKind.Added, plan.Added);
        List("changed", ChangeKind.Changed, plan.Changed);
        List("to remove", ChangeKind.Removed, null);
        List("to remove, with all that is kept of the person", ChangeKind.Left, null);
        List("cannot be enrolled", ChangeKind.NotEnrolled, plan.NotEnrolled);

        void List(string title, string kind, long? all)
        {
            var shown = 0L;
            foreach (var change in memory.Changes(kind))
            {
                if (shown++ < Shown)
                    invocation.Output.Say($"{title}: {Told(change)}");
                else if (all is not null)
                    break;
            }

            if ((all ?? shown) > Shown) invocation.Output.Say($"{title}: … and {(all ?? shown) - Shown} more");
        }

        string Told(SyncChange change)
        {
            var file = change.Path is { } path ? Path.GetRelativePath(folder.Name, path) : change.FaceId;
            return $"{(change.ExternalId.Length > 0 ? change.ExternalId : "?")} ({file}){(change.Message is null ? "" : $": {change.Code}: {change.Message}")}";
        }
    }

    private static int End(Invocation invocation, SyncSummary summary, int exitCode)
    {
        if (invocation.Output.IsJson)
        {
            // Not as a text: it may be as long as the folder.
            using var stream = Console.OpenStandardOutput();
            JsonSerializer.Serialize(stream, summary, CliJson.Default.SyncSummary);
            stream.Write("\n"u8);
        }
        else
        {
            invocation.Output.Result(summary, CliJson.Default.SyncSummary, summary.DrawResult);
        }

        return exitCode;
    }
}
