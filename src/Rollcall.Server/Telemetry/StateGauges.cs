using System.Diagnostics.Metrics;
using Dapper;
using Rollcall.Server.Batches;
using Rollcall.Server.Hosting;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Telemetry;

/// <summary>How full the queue, the index and the disk are: looked up when somebody asks, for most of it is in the database.</summary>
internal sealed partial class StateGauges
{
    private readonly Database _database;
    private readonly DataFolder _folder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile QueueRow? _queue;

    public StateGauges(Meter meter, Database database, DataFolder folder, IndexFeed index, BatchPoll polls, TimeProvider time, ILogger<StateGauges> logger)
    {
        (_database, _folder, _time, _logger) = (database, folder, time, logger);
        meter.CreateObservableGauge("rollcall.queue.items", Items, "{item}", "Photographs that wait for a worker, and those that are being worked on.");
        meter.CreateObservableGauge("rollcall.queue.oldest.age", OldestAge, "s", "Since when the oldest photograph waits; 0 when none does.");
        meter.CreateObservableGauge("rollcall.index.collections", () => index.Size.Collections, "{collection}", "Collections that are held in memory for searching.");
        meter.CreateObservableGauge("rollcall.index.vectors", () => index.Size.Vectors, "{vector}", "References that are held in memory for searching.");
        meter.CreateObservableGauge("rollcall.index.memory", () => index.Size.Bytes, "By", "Memory of the search index.");
        meter.CreateObservableGauge("rollcall.polls.waiting", () => polls.Waiting, "{request}", "Polls that wait for a change, and event streams that are open.");
        meter.CreateObservableGauge("rollcall.storage.used", Used, "By", "Bytes of the database's files, and of uploads that are kept.");
        meter.CreateObservableGauge("rollcall.storage.free", () => new DriveInfo(folder.Path).AvailableFreeSpace, "By", "Bytes that are free on the disk of the data folder.");
    }

    /// <summary>What cannot be read is not shown: a figure that is out of date would look like one that is not.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        try
        {
            _queue = await _database.ReadAsync(
                tx => tx.Connection!.QuerySingleAsync<QueueRow>(
                    """
                    SELECT (SELECT COUNT(*) FROM work WHERE state = 0) AS waiting,
                           (SELECT COUNT(*) FROM work WHERE state = 1) AS running,
                           (SELECT created_at FROM job WHERE id = (SELECT MIN(job_id) FROM work WHERE state = 0)) AS oldest,
                           (SELECT COALESCE(SUM(blob_bytes), 0) FROM job_item WHERE blob IS NOT NULL) AS uploads
                    """,
                    null,
                    tx),
                ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _queue = null;
            LogUnknown(e);
        }
    }

    private IEnumerable<Measurement<long>> Items() => _queue is not { } queue ? [] :
    [
        new(queue.Waiting, new KeyValuePair<string, object?>("state", "waiting")),
        new(queue.Running, new KeyValuePair<string, object?>("state", "running")),
    ];

    private IEnumerable<Measurement<double>> OldestAge() => _queue is not { } queue ? [] :
        [new(queue.Oldest is { } oldest ? Math.Max(0, _time.Now() - oldest) / 1000.0 : 0)];

    private IEnumerable<Measurement<long>> Used()
    {
        long database = 0;
        foreach (var file in new DirectoryInfo(_folder.Path).EnumerateFiles(Path.GetFileName(_folder.Database) + "*")) database += file.Length;
        yield return new(database, new KeyValuePair<string, object?>("kind", "database"));
        if (_queue is { } queue) yield return new(queue.Uploads, new KeyValuePair<string, object?>("kind", "uploads"));
    }

    [LoggerMessage(1402, LogLevel.Warning, "The database did not say how full it is; metrics about it are left out.")]
    private partial void LogUnknown(Exception exception);

    private sealed record QueueRow
    {
        public required long Waiting { get; init; }

        public required long Running { get; init; }

        public long? Oldest { get; init; }

        public required long Uploads { get; init; }
    }
}

/// <summary>Looks the figures up for an exporter that sends them by itself.</summary>
internal sealed class StateSampling(StateGauges gauges, TimeProvider time, ILogger<StateSampling> logger) : PeriodicService(TimeSpan.FromSeconds(15), time, logger)
{
    protected override Task RunAsync(CancellationToken ct) => gauges.RefreshAsync(ct);
}
