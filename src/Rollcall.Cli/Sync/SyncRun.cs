using System.Globalization;
using Rollcall.Cli.Enrol;
using Rollcall.Cli.Sources;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Sync;

/// <summary>Carries a plan out.</summary>
/// <remarks>
/// (1) What is to go afterwards is written down, (2) a person who has no room for what comes gives some, (3) what is new is added, which takes
/// nothing from anybody, (4) what became of it is looked at, and (5) what has another in its place goes, and who has left. What ends the command
/// between two of these costs nothing: the next sync plans anew from what stands then.
/// </remarks>
internal sealed class SyncRun(
    Invocation invocation, RollcallClient client, Collection collection, FolderSource folder, SyncMemory memory, string path, Patience patience)
{
    private readonly BatchOptions _options = GateOptions.Read(invocation) with { OnDuplicate = null };

    /// <summary>What a picture is judged by: a refusal holds as long as this does.</summary>
    public string Gates => GatesOf(collection);

    public async Task<(IReadOnlyDictionary<string, long> Outcomes, string? Report)> RunAsync(ChangeCounts planned)
    {
        var removals = new SyncRemovals(client, collection.Id, memory, patience, invocation.Output.Say);
        var report = invocation.Get(RunOptions.Report) is { } file ? Path.GetFullPath(file) : null;
        var uploads = planned[ChangeKind.Added] + planned[ChangeKind.Changed];

        // 1, 2
        memory.Announce();
        await removals.MakeRoomAsync(invocation.Cancellation);

        // 3, 4
        RunState.Delete(path);
        var outcomes = new Dictionary<string, long>();
        if (uploads > 0 || report is not null)
        {
            try
            {
                using var state = RunState.Open(path, path, fresh: true);
                state.Plan(memory.Photographs(), OnDuplicate.Append);
                await SendAsync(state);
                outcomes = memory.Settle(state.Lines(), await LastingGatesAsync(), Chosen(collection.Settings) != MultipleFaces.MatchExisting);
                if (report is not null) await Report.WriteAsync(report, state, [folder], invocation.Cancellation);
            }
            finally
            {
                // It names people, and nothing goes on from it.
                RunState.Delete(path);
            }
        }

        // 5
        await removals.RunAsync(invocation.Cancellation);
        return (outcomes, report);
    }

    private async Task SendAsync(RunState state)
    {
        var (open, total) = state.Left();
        if (open == 0) return;
        var board = new RunBoard(invocation.Time, total, total - open);
        var patience = new Patience(invocation.Time, TimeSpan.FromMinutes(invocation.Get(RunOptions.GiveUpAfter)), board.Note);
        var run = new EnrolRun(state, [folder], client, collection.Id, _options, patience, board);
        await ProgressView.ShowAsync(invocation.Output, board, invocation.Time, () => run.RunAsync(invocation.Get(RunOptions.Lanes), invocation.Cancellation));
    }

    /// <summary>The first face of a collection fixes its model.</summary>
    private async Task<string> LastingGatesAsync() => collection.Model is not null
        ? Gates
        : GatesOf(await patience.RunAsync(() => client.GetCollectionAsync(collection.Id, invocation.Cancellation), invocation.Cancellation));

    private string GatesOf(Collection judge) => string.Create(
        CultureInfo.InvariantCulture,
        $"{judge.Model?.Id} {_options.MinQuality ?? judge.Settings.MinQuality} {Chosen(judge.Settings)} {_options.CheckLiveness ?? judge.Settings.CheckLiveness}");

    private MultipleFaces Chosen(CollectionSettings settings) => _options.MultipleFaces ?? settings.MultipleFaces;
}
