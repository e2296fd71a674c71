using System.Globalization;
using Spectre.Console;

namespace Rollcall.Cli.Enrol;

/// <summary>The end of a run.</summary>
internal sealed record EnrolSummary(
    string CollectionId,
    long People,
    long Photographs,
    IReadOnlyDictionary<string, long> Outcomes,
    IReadOnlyDictionary<string, long> Failures,
    long PassedOver,
    bool Resumed,
    string? Report)
{
    /// <summary>Photographs that came after the run was planned and are no part of it.</summary>
    public long CameLater { get; init; }

    /// <summary>Whether this is what would happen, and nothing did.</summary>
    public bool DryRun { get; init; }

    public void Draw(IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(DryRun ? "outcome if it were done" : "outcome").AddColumn("photographs", column => column.RightAligned());
        foreach (var (outcome, count) in Outcomes)
        {
            table.AddRow(Markup.Escape(outcome), Number(count));
            if (outcome != "failed") continue;
            foreach (var (code, some) in Failures)
            {
                table.AddRow($"  [yellow]{Markup.Escape(code)}[/]", $"[yellow]{Number(some)}[/]");
            }
        }

        table.AddEmptyRow().AddRow("[bold]all[/]", $"[bold]{Number(Photographs)}[/]");
        console.Write(table);
        console.WriteLine($"{Number(People)} people. {(PassedOver > 0 ? $"{Number(PassedOver)} files are no photographs and were passed over. " : "")}{(Report is null ? "" : $"Report: {Report}")}".TrimEnd());
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
