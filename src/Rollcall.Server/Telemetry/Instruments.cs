using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Rollcall.Server.Telemetry;

/// <summary>
/// What the server counts and measures as it happens; what it is asked for from time to time is in <see cref="StateGauges"/>. No label
/// names a tenant, key, collection or person: the number of series stays bounded.
/// </summary>
internal sealed class Instruments
{
    public const string Name = "Rollcall";

    /// <summary>Steps of a request. Without a listener a span is null and costs a comparison.</summary>
    public static readonly ActivitySource Spans = new(Name);

    private static readonly double[] StageBounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

    private static readonly double[] CallBounds = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

    private static readonly long[] CountBounds = [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

    private readonly Counter<long> _items;
    private readonly Histogram<double> _stages;
    private readonly Histogram<double> _identifications;
    private readonly Histogram<long> _searched;

    public Instruments(Meter meter)
    {
        _items = meter.CreateCounter<long>("rollcall.items", "{item}", "Photographs of jobs that came to their end by being worked on.");
        _stages = Histogram(meter, "rollcall.item.stage.duration", "What each stage of work on a photograph takes.", StageBounds);
        CommitDuration = Histogram(meter, "rollcall.queue.commit.duration", "What it takes to commit a group of finished photographs.", CallBounds);
        LeasesExpired = meter.CreateCounter<long>("rollcall.queue.leases.expired", "{lease}", "Leases that ran out or whose process died; their photographs are tried again.");
        ResultsDiscarded = meter.CreateCounter<long>("rollcall.queue.results.discarded", "{item}", "Finished work that was thrown away because its lease was lost.");
        BatchesAccepted = meter.CreateCounter<long>("rollcall.batch.accepted", "{job}", "Jobs that were accepted.");
        BatchBytes = meter.CreateCounter<long>("rollcall.batch.received", "By", "Bytes of the images that batches brought, refused ones too.");
        _identifications = Histogram(meter, "rollcall.identify.duration", "What an identification takes, the photograph's analysis included.", CallBounds);
        _searched = meter.CreateHistogram<long>(
            "rollcall.identify.searched", "{vector}", "References that an identification looked through.", null, new InstrumentAdvice<long> { HistogramBucketBoundaries = CountBounds });
    }

    public Histogram<double> CommitDuration { get; }

    public Counter<long> LeasesExpired { get; }

    public Counter<long> ResultsDiscarded { get; }

    public Counter<long> BatchesAccepted { get; }

    public Counter<long> BatchBytes { get; }

    /// <summary>A counter that has not counted yet is 0, not missing.</summary>
    public void Begin(int rescued)
    {
        LeasesExpired.Add(rescued);
        foreach (var counter in new[] { ResultsDiscarded, BatchesAccepted, BatchBytes }) counter.Add(0);
    }

    /// <param name="code">The error code of an item that failed.</param>
    public void ItemEnded(string outcome, string? code) => _items.Add(1, new("outcome", outcome), new("code", code ?? ""));

    public void StageEnded(string stage, TimeSpan took) => _stages.Record(took.TotalSeconds, new KeyValuePair<string, object?>("stage", stage));

    public void Identified(TimeSpan took, long searched, bool found)
    {
        _identifications.Record(took.TotalSeconds, new KeyValuePair<string, object?>("found", found ? "true" : "false"));
        _searched.Record(searched);
    }

    private static Histogram<double> Histogram(Meter meter, string name, string description, double[] bounds) =>
        meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
