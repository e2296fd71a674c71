using System.Globalization;
using Spectre.Console;

namespace Rollcall.Cli.Sync;

/// <summary>What a sync would do, and if it did it what came of it.</summary>
internal sealed record SyncSummary(string CollectionId, int Added, int Changed, int Unchanged, int Removed, int KnownBad, int Kept, int CannotBeSent)
{
    public bool Executed { get; init; }

    /// <summary>Photographs by what became of them; those of changed people who stand are sent along and are unchanged.</summary>
    public IReadOnlyDictionary<string, long> Outcomes { get; init; } = new Dictionary<string, long>();

    public IReadOnlyDictionary<string, long> Failures { get; init; } = new Dictionary<string, long>();

    public string? Report { get; init; }

    public static SyncSummary Of(string collectionId, SyncPlan plan, int cannotBeSent) =>
        new(collectionId, plan.Added, plan.Changed, plan.Unchanged, plan.Removed, plan.KnownBad, plan.Kept, cannotBeSent);

    public void DrawPlan(IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("photographs").AddColumn("", column => column.RightAligned());
        table.AddRow("to add", Number(Added)).AddRow("changed", Number(Changed)).AddRow("to remove", Number(Removed)).AddRow("as they are", Number(Unchanged));
        if (KnownBad > 0) table.AddRow("refused before, not sent again", Number(KnownBad));
        if (CannotBeSent > 0) table.AddRow("cannot be sent", Number(CannotBeSent));
        console.Write(table);
        if (Kept > 0) console.WriteLine($"{Number(Kept)} people keep what stands: none of their photographs in the folder can be used.");
    }

    public void DrawResult(IAnsiConsole console)
    {
        if (!Executed) return;
        console.WriteLine($"Done: {(Outcomes.Count == 0 ? "nothing to send" : string.Join(", ", Outcomes.Select(one => $"{Number(one.Value)} {one.Key}")))}; {Number(Removed)} removed.");
        foreach (var (code, count) in Failures)
        {
            console.WriteLine($"  {Number(count)} {code}");
        }

        if (Report is not null) console.WriteLine($"Report: {Report}");
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
