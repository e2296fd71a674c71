using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Rollcall.Cli.Collections;
using Rollcall.Cli.Sources;
using Rollcall.Cli.Terminal;
using Rollcall.Client;

namespace Rollcall.Cli.Enrol;

/// <summary>A run from its sources to its report: planned once, carried out by this command or by the ones after it.</summary>
internal static class Enrolment
{
    /// <param name="invocation">The command.</param>
    /// <param name="sources">Where the photographs are.</param>
    /// <param name="rule">How it is told whose they are.</param>
    /// <param name="isChosen">Whether the user has said so; what nobody said must not put people together.</param>
    /// <param name="gates">What they have to pass.</param>
    public static async Task<int> RunAsync(Invocation invocation, IReadOnlyList<PhotographSource> sources, string rule, bool isChosen, BatchOptions gates)
    {
        using var connection = invocation.Connect();
        var collection = await CollectionChoice.FindAsync(invocation, connection.Client);
        var fingerprint = Fingerprint([connection.Server.ToString(), collection.Id, rule, gates.ToString(), .. sources.Select(source => source.Name)]);
        var path = RunOptions.StatePath(invocation, fingerprint);
        if (ReportPath(invocation) is { } report) Report.Claim(report, sources);
        EnrolSummary summary;
        using (var state = RunState.Open(path, fingerprint, invocation.Get(RunOptions.Fresh)))
        {
            RunState.Sweep(path, invocation.Time);
            try
            {
                summary = await CarryOutAsync(invocation, state, sources, isChosen, connection.Client, collection.Id, gates);
            }
            catch when (!state.HasSent())
            {
                RunState.Delete(path);
                throw;
            }
        }

        // It names people; what is done needs it no more.
        RunState.Delete(path);
        invocation.Output.Result(summary, CliJson.Default.EnrolSummary, summary.Draw);
        return summary.Failures.Count > 0 || summary.CameLater > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    public static string Fingerprint(IEnumerable<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))));

    private static async Task<EnrolSummary> CarryOutAsync(
        Invocation invocation, RunState state, IReadOnlyList<PhotographSource> sources, bool isChosen, RollcallClient client, string collection, BatchOptions gates)
    {
        var resumed = state.IsPlanned;
        var cameLater = resumed ? Resume(invocation, state, sources) : Plan(invocation, state, sources, isChosen);
        var (open, total) = state.Left();
        var board = new RunBoard(invocation.Time, total, total - open);
        var patience = new Patience(invocation.Time, TimeSpan.FromMinutes(invocation.Get(RunOptions.GiveUpAfter)), board.Note);
        var run = new EnrolRun(state, sources, client, collection, gates, patience, board);
        try
        {
            await ProgressView.ShowAsync(invocation.Output, board, invocation.Time, () => run.RunAsync(invocation.Get(RunOptions.Lanes), invocation.Cancellation));
        }
        catch (OperationCanceledException exception) when (invocation.Cancellation.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Interrupted, "Interrupted. The same command goes on where it was.", exception);
        }

        var report = ReportPath(invocation);
        if (report is not null) await Report.WriteAsync(report, state, sources, invocation.Cancellation);
        var totals = state.Totals();
        return new(collection, totals.People, totals.Photographs, totals.Outcomes, totals.Failures, sources.Sum(source => source.PassedOver), resumed, report)
        {
            CameLater = cameLater,
            DryRun = gates.DryRun == true,
        };
    }

    private static string? ReportPath(Invocation invocation) => invocation.Get(RunOptions.Report) is { } file ? Path.GetFullPath(file) : null;

    private static long Plan(Invocation invocation, RunState state, IReadOnlyList<PhotographSource> sources, bool isChosen)
    {
        state.Plan(sources, read => invocation.Output.Say($"{Number(read)} photographs found …"), invocation.Cancellation);
        foreach (var table in sources.OfType<CsvManifest>().Where(table => table.Unknown.Count > 0))
        {
            invocation.Output.Warn($"{table.Name}: the columns {string.Join(", ", table.Unknown)} are not sent. A column 'metadata.NAME' is.");
        }

        if (state.Left().Total == 0) throw CommandException.Usage($"There is no photograph in {string.Join(", ", sources.Select(source => source.Name))}.");
        if (!isChosen && state.Scattered([.. sources.Index().Where(one => one.Item is FolderSource or ZipSource).Select(one => one.Index)]) is { Count: > 0 } scattered)
            throw ExternalIdRule.Scattered(scattered);

        invocation.Output.Say(Told(state, sources));
        return 0;
    }

    private static long Resume(Invocation invocation, RunState state, IReadOnlyList<PhotographSource> sources)
    {
        if (state.HaveChanged(sources))
            throw CommandException.Usage("What is to be read has changed since this run was planned. Add --fresh to plan it anew; who is enrolled already is told as 'unchanged'.");
        var unplanned = state.CountUnplanned(sources, invocation.Cancellation);
        var (open, total) = state.Left();
        invocation.Output.Say($"Going on: {Number(total - open)} of {Number(total)} photographs are done.");
        if (unplanned > 0) invocation.Output.Warn($"{Number(unplanned)} photographs have come since this run was planned, and are no part of it. Give the command once more when it has ended.");
        return unplanned;
    }

    private static string Told(RunState state, IReadOnlyList<PhotographSource> sources)
    {
        var totals = state.Totals();
        var examples = state.Examples();
        var told = $"{Number(totals.Photographs)} photographs of {Number(totals.People)} people{(examples.Count > 0 ? $" (external ids: {string.Join(", ", examples)}, …)" : "")}.";
        if (totals.Failed > 0) told += $" {Number(totals.Failed)} of them cannot be sent.";
        if (sources.Sum(source => source.PassedOver) is > 0 and var other) told += $" {Number(other)} other files are passed over.";
        return told;
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
