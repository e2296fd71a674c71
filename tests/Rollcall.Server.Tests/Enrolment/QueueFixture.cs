using System.Diagnostics.Metrics;
using Dapper;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Faces.Models;
using Rollcall.Server.Audit;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Faces;
using Rollcall.Server.Storage;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Tests.Enrolment;

/// <summary>The queue over a real SQLite file, without a host: the test is the worker, and it moves the clock.</summary>
internal sealed class QueueFixture : IAsyncDisposable
{
    public const string Worker = "w1";

    private readonly TestFolder _folder = TestFolder.InMemory();
    private readonly DataFolder _data;
    private readonly BatchStore _batches;

    public QueueFixture()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        _data = new DataFolder(Options.Create(new StorageOptions { Data = _folder.Path }));
        var source = new SqliteDataSource(_data.Database);
        Migrator.Migrate(source.ConnectionString, SqlDialect.Sqlite);
        Database = new Database(source, SqlDialect.Sqlite);
        Blobs = new FileBlobStore(_data, new BlobKeys(Options.Create(new StorageOptions())));
        Clock = new LeaseClock(Time);
        Audit = new AuditTrail(new HttpContextAccessor(), new PersonMarks(_data), Time);
        Queue = new WorkQueue(Database, Blobs, new Suppressions(_data, Database, Audit, Time), new BatchEvents(Time), Clock, new Instruments(new Meter(Instruments.Name)), Audit, Time, Options.Create(QueueOptions), NullLogger<WorkQueue>.Instance);
        _batches = new BatchStore(Database, new IdempotencyStore(Database, Clock, Time), Audit, Time);
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(56));

    public QueueOptions QueueOptions { get; } = new();

    public Database Database { get; }

    public FileBlobStore Blobs { get; }

    public LeaseClock Clock { get; }

    public AuditTrail Audit { get; }

    public string DatabaseFile => _data.Database;

    public WorkQueue Queue { get; }

    public async Task<string> CollectionAsync(string organization = "org_a")
    {
        var id = $"col_{Guid.NewGuid():N}";
        await Database.WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                """
                INSERT INTO organization (id, name, created_at) VALUES (@organization, 'x', 0) ON CONFLICT DO NOTHING;
                INSERT INTO collection (id, organization_id, name, model, settings, created_at) VALUES (@id, @organization, 'x', 'standard', '{}', 0);
                """,
                new { id, organization },
                tx),
            CancellationToken.None);
        return id;
    }

    /// <summary>Submits a job of one item for each external id; item i carries the image <paramref name="image"/> + i.</summary>
    public async Task<string> SubmitAsync(
        string collection, IReadOnlyList<string> externalIds, OnDuplicate mode = OnDuplicate.Replace, string organization = "org_a", string image = "image")
    {
        Time.Advance(TimeSpan.FromMilliseconds(1)); // job ids sort by their time
        var job = Guid.CreateVersion7(Time.GetUtcNow()).ToString();
        var items = new List<SubmittedItem>();
        for (var i = 0; i < externalIds.Count; i++)
        {
            var upload = await Blobs.PutAsync(job, $"{i:D3}", new MemoryStream(System.Text.Encoding.UTF8.GetBytes($"{image}{i}")), 1000, null, CancellationToken.None);
            items.Add(new SubmittedItem(externalIds[i], null, upload, null));
        }

        var options = new JobOptions
        {
            OnDuplicate = mode,
            MultipleFaces = MultipleFaces.Reject,
            MinQuality = 0.4,
            AllowIdentityChange = false,
            IdentityGuard = ModelPack.Standard.Calibration.IdentityGuard,
        };
        Assert.Equal(Creation.Created, await _batches.CreateAsync(organization, collection, new BatchSubmission(job, items, options, ""), null, CancellationToken.None));
        return job;
    }

    public async Task<IReadOnlyList<ClaimedItem>> ClaimAsync(int count = 100, string worker = Worker, bool handsFree = true) =>
        (await Queue.ClaimAsync(worker, count, handsFree, CancellationToken.None)).Items;

    public async Task<Completion> CompleteAsync(ClaimedItem item, ItemResult? result = null) =>
        (await CompleteAsync([(item, result ?? Face())]))[0];

    public Task<IReadOnlyList<Completion>> CompleteAsync(params (ClaimedItem Item, ItemResult Result)[] group) => Queue.CompleteAsync(
        [.. group.Select(one => new FinishedItem(one.Item, one.Result))], ModelPack.Standard.Calibration, CancellationToken.None);

    /// <summary>A face that looks the same for the same <paramref name="who"/> and like a stranger for another.</summary>
    public static ItemResult.Embedded Face(int who = 0, double quality = 0.8)
    {
        var vector = new float[128];
        vector[who] = 1;
        return new ItemResult.Embedded(new FaceBox(0.1, 0.1, 0.5, 0.5), quality, vector);
    }

    public Task<BatchJob?> JobAsync(string job, string organization = "org_a") =>
        _batches.FindAsync(organization, null, job, ResultsView.All, CancellationToken.None);

    public Task<T> ScalarAsync<T>(string sql) => Database.ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<T>(sql, null, tx), CancellationToken.None)!;

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _data.Dispose();
        _folder.Dispose();
    }
}
