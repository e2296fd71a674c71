using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Rollcall.Server.Telemetry;

/// <summary>Collects what the SDK has aggregated when it is scraped, one scrape at a time.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    private readonly SemaphoreSlim _turn = new(1);
    private string _text = "";

    public PrometheusExporter() =>
        Reader = new BaseExportingMetricReader(this) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative };

    public MetricReader Reader { get; }

    public Func<int, bool>? Collect { get; set; }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        _text = PrometheusText.Write(batch);
        return ExportResult.Success;
    }

    public async Task<string> ScrapeAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            _text = "";
            Collect?.Invoke(Timeout.Infinite);
            return _text;
        }
        finally
        {
            _turn.Release();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _turn.Dispose();
        base.Dispose(disposing);
    }
}
