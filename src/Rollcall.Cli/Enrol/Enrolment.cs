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
    public static async Task<int> RunAsync(Invocation invocation, IReadOnlyList<PhotographSource> sources, string rule, BatchOptions gates)
    {
        using var connection = invocation.Connect();
        var collection = await CollectionChoice.FindAsync(invocation, connection.Client);
        var fingerprint = Fingerprint([connection.Server.ToString(), collection.Id, rule, gates.ToString(), .. sources.Select(source => source.Name)]);
        var path = RunOptions.StatePath(invocation, fingerprint);
        EnrolSummary summary;
        using (var state = RunState.Open(path, fingerprint, invocation.Get(RunOptions.Fresh)))
        {
            var resumed = state.IsPlanned;
            if (!resumed) Plan(invocation, state, sources);
            var (open, total) = state.Left();
            invocation.Output.Say(resumed ? $"Going on: {Number(total - open)} of {Number(total)} photographs are done." : Told(state, sources));

            var board = new RunBoard(invocation.Time, total, total - open);
            var patience = new Patience(invocation.Time, TimeSpan.FromMinutes(invocation.Get(RunOptions.GiveUpAfter)), board.Note);
            var run = new EnrolRun(state, sources, connection.Client, collection.Id, gates, patience, board);
            try
            {
                await ProgressView.ShowAsync(
                    invocation.Output, board, invocation.Time, () => run.RunAsync(invocation.Get(RunOptions.Lanes), invocation.Cancellation));
            }
            catch (OperationCanceledException exception) when (invocation.Cancellation.IsCancellationRequested)
            {
                throw new CommandException(ExitCode.Interrupted, "Interrupted. The same command goes on where it was.", exception);
            }

            summary = await SummariseAsync(invocation, state, sources, collection.Id, resumed);
        }

        // It names people; what is done needs it no more.
        RunState.Delete(path);
        invocation.Output.Result(summary, CliJson.Default.EnrolSummary, summary.Draw);
        return summary.Failures.Count > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    public static string Fingerprint(IEnumerable<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))));

    public static async Task<EnrolSummary> SummariseAsync(
        Invocation invocation, RunState state, IReadOnlyList<PhotographSource> sources, string collectionId, bool resumed)
    {
        var report = invocation.Get(RunOptions.Report) is { } file ? Path.GetFullPath(file) : null;
        if (report is not null) await Report.WriteAsync(report, state, sources, invocation.Cancellation);
        var totals = state.Totals();
        return new(
            collectionId, totals.People, totals.Photographs, totals.Outcomes, totals.Failures, sources.Sum(source => source.PassedOver), resumed, report);
    }

    private static void Plan(Invocation invocation, RunState state, IReadOnlyList<PhotographSource> sources)
    {
        state.Plan(sources, read => invocation.Output.Say($"{Number(read)} photographs found …"), invocation.Cancellation);
        foreach (var table in sources.OfType<CsvManifest>().Where(table => table.Unknown.Count > 0))
        {
            invocation.Output.Warn($"{table.Name}: the columns {string.Join(", ", table.Unknown)} are not sent. A column 'metadata.NAME' is.");
        }
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
