using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Faces.Models;
using Rollcall.Server.Collections;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Benchmarks.Model;

/// <summary>The server's stores over a real SQLite file and a folder of blobs, without its workers, sweeps and HTTP: they do what they are called for, and time stands still.</summary>
internal sealed class Stores : IAsyncDisposable
{
    // So little that a schedule comes to it, and more than a lease.
    private static readonly TimeSpan MaxRun = TimeSpan.FromSeconds(31);

    private readonly WebApplication _app;

    private Stores(WebApplication app, FakeTimeProvider time, CommitWatch watch) => (_app, Time, Watch) = (app, time, watch);

    public FakeTimeProvider Time { get; }

    public CommitWatch Watch { get; }

    public WorkQueue Queue => Get<WorkQueue>();

    public Database Database => Get<Database>();

    public FileBlobStore Blobs => Get<FileBlobStore>();

    public QueueOptions Options => Get<IOptions<QueueOptions>>().Value;

    public ModelPack Pack => Get<FaceModels>().Engine.Pack;

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>In an empty folder; the built-in pack, of which only the name and the scale are used.</summary>
    public static async Task<Stores> OpenAsync(string folder)
    {
        var (time, watch) = (new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56)), new CommitWatch());
        string[] args = ["--data", folder, $"--Models:Pack={ModelPack.Compact.Id}", "--Models:AllowBuiltIn=true", $"--Queue:MaxRun={MaxRun}"];
        var app = Rollcall.Server.Program.Build(args, builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Services.AddSingleton(services => new Database(new CommitWatch.Source(services.GetRequiredService<SqliteDataSource>(), watch), SqlDialect.Sqlite));
        });
        await app.PrepareAsync();
        return new Stores(app, time, watch);
    }

    /// <summary>Two organizations with a collection each, and nothing else.</summary>
    public async Task<QueueModel> BeginAsync()
    {
        await Database.WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                """
                DELETE FROM work; DELETE FROM job_item; DELETE FROM job;
                DELETE FROM face_tombstone; DELETE FROM face; DELETE FROM person; DELETE FROM collection;
                UPDATE queue_clock SET virtual_time = 0;
                INSERT INTO organization (id, name, created_at) VALUES ('org_a', 'a', 0), ('org_b', 'b', 0) ON CONFLICT DO NOTHING;
                UPDATE organization SET stored_bytes = 0;
                """,
                null,
                tx),
            CancellationToken.None);
        foreach (var group in Blobs.Groups().ToList()) Blobs.DeleteGroup(group);

        var model = new QueueModel(Options, Time.Now());
        foreach (var organization in new[] { "org_a", "org_b" })
            model.Add(organization, (await Get<CollectionStore>().CreateAsync(organization, "people", null, Settings.Default, CancellationToken.None)).Id);
        return model;
    }

    public void End(QueueModel model)
    {
        foreach (var collection in model.Collections) Get<IndexFeed>().Drop(collection.Id);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
