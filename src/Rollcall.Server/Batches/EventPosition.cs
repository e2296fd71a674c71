using System.Globalization;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Batches;

/// <summary>
/// How far somebody has been told of a job: which items, and whether the end. It is the id of each event, so whatever process a caller
/// connects to next needs to remember nothing: what has become final and is not in it is told.
/// </summary>
internal readonly record struct EventPosition(UInt128 Told, bool IsEnd)
{
    private const string End = "-end";
    private const int MarkLength = 8;

    public bool Has(int index) => (Told & Bit(index)) != 0;

    public EventPosition With(int index) => this with { Told = Told | Bit(index) };

    /// <summary>What is not final has been told by nobody, whatever an id says.</summary>
    public EventPosition Among(IReadOnlyList<BatchItem> final) => this with { Told = Told & final.Aggregate(UInt128.Zero, (all, item) => all | Bit(item.Index)) };

    /// <summary>An id is of one job: one of another job would leave items out.</summary>
    public string ToId(string jobId) => string.Create(CultureInfo.InvariantCulture, $"{MarkOf(jobId)}-{Told:x}{(IsEnd ? End : "")}");

    /// <summary>Takes what <see cref="ToId"/> writes for this job and nothing else.</summary>
    public static bool TryParse(string id, string jobId, out EventPosition position)
    {
        position = default;
        var mark = MarkOf(jobId);
        var isEnd = id.EndsWith(End, StringComparison.Ordinal);
        var told = isEnd ? id[..^End.Length] : id;
        if (!told.StartsWith(mark + '-', StringComparison.Ordinal)) return false;
        if (!UInt128.TryParse(told.AsSpan(mark.Length + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var items)) return false;
        position = new EventPosition(items, isEnd);
        return position.ToId(jobId) == id;
    }

    private static UInt128 Bit(int index) => UInt128.One << index;

    private static string MarkOf(string jobId) => jobId[Math.Max(0, jobId.Length - MarkLength)..];
}
