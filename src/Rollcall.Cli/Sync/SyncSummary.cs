using System.Globalization;
using Rollcall.Cli.Terminal;
using Spectre.Console;

namespace Rollcall.Cli.Sync;

/// <summary>What a sync would do, or what it did.</summary>
internal sealed record SyncSummary(
    bool Success,
    string CollectionId,
    bool Executed,
    long Added,
    long Changed,
    long Removed,
    long Unchanged,
    long NotEnrolled,
    long ToldBefore,
    long WithoutReference,
    long Kept)
{
    /// <summary>What was sent, by what became of it.</summary>
    public IReadOnlyDictionary<string, long> Outcomes { get; init; } = new Dictionary<string, long>();

    /// <summary>Of all that is not enrolled.</summary>
    public IReadOnlyDictionary<string, long> Failures { get; init; } = new Dictionary<string, long>();

    public string? Report { get; init; }

    public CommandError? Error { get; init; }

    /// <summary>Every line, read as it is written: there may be as many as photographs.</summary>
    public required IEnumerable<SyncChange> Changes { get; init; }

    public static SyncSummary Of(string collectionId, SyncMemory memory, ChangeCounts counts, bool executed) => new(
        true,
        collectionId,
        executed,
        counts[ChangeKind.Added],
        counts[ChangeKind.Changed],
        executed ? counts.Gone : counts[ChangeKind.Removed] + counts[ChangeKind.Left],
        memory.Unchanged,
        counts[ChangeKind.NotEnrolled],
        counts.ToldBefore,
        counts.WithoutReference,
        memory.Kept)
    {
        Failures = counts.Failures,
        Changes = memory.Changes(),
    };

    public void DrawPlan(IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("photographs").AddColumn("", column => column.RightAligned());
        table.AddRow("to add", Number(Added)).AddRow("changed", Number(Changed)).AddRow("to remove", Number(Removed)).AddRow("as they are", Number(Unchanged));
        if (NotEnrolled > 0) table.AddRow("that cannot be enrolled", Number(NotEnrolled));
        console.Write(table);
        if (Kept > 0) console.WriteLine($"Of {Number(Kept)} people what stands is kept, since not all of their photographs in the folder can be used.");
    }

    public void DrawResult(IAnsiConsole console)
    {
        if (!Executed) return;
        console.WriteLine($"Done: {(Outcomes.Count == 0 ? "nothing to send" : string.Join(", ", Outcomes.Select(one => $"{Number(one.Value)} {one.Key}")))}; {Number(Removed)} removed.");
        if (NotEnrolled > 0)
            console.WriteLine($"Not enrolled: {Number(NotEnrolled)} photographs, {Number(ToldBefore)} of them told before. {Number(WithoutReference)} people have photographs here and no reference.");
        foreach (var (code, count) in Failures)
        {
            console.WriteLine($"  {Number(count)} {code}");
        }

        if (Report is not null) console.WriteLine($"Report: {Report}");
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
