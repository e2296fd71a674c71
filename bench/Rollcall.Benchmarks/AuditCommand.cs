using System.Diagnostics.Metrics;
using System.Globalization;
using Dapper;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Faces.Models;
using Rollcall.Server.Audit;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Faces;
using Rollcall.Server.Storage;
using Rollcall.Server.Telemetry;

namespace Rollcall.Benchmarks;

/// <summary>
/// What the audit log costs: commits of jobs with it and with its rows thrown away by a trigger, in turns; then chaining, verifying, and an entry
/// that a request waits for. Nothing is decoded: the faces are made up, and the disk is that of the temporary folder.
/// </summary>
internal static class AuditCommand
{
    private const int Items = 100;
    private const int Group = 8; // four for each of two cores, as the worker has them at most
    private const int Rounds = 15;
    private const int Many = 100_000;

    public static int Run(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("rollcall-audit-");
        try
        {
            RunAsync(folder.FullName).GetAwaiter().GetResult();
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(string folder)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        using var data = new DataFolder(Options.Create(new StorageOptions { Data = folder }));
        var source = new SqliteDataSource(data.Database);
        Migrator.Migrate(source.ConnectionString, SqlDialect.Sqlite);
        await using var database = new Database(source, SqlDialect.Sqlite);
        var (time, events) = (TimeProvider.System, new BatchEvents(TimeProvider.System));
        var clock = new LeaseClock(time);
        var trail = new AuditTrail(new HttpContextAccessor(), new PersonMarks(data), time);
        using var meter = new Meter(Instruments.Name);
        var queue = new WorkQueue(
            database, new FileBlobStore(data, new BlobKeys(Options.Create(new StorageOptions()))), new Suppressions(data, database, trail, time), events, clock, new Instruments(meter), trail, time, Options.Create(new QueueOptions()), NullLogger<WorkQueue>.Instance);
        var batches = new BatchStore(database, new IdempotencyStore(database, clock, time), trail, time);
        await ExecuteAsync(
            """
            INSERT INTO organization (id, name, created_at) VALUES ('org_a', 'x', 0);
            INSERT INTO collection (id, organization_id, name, model, settings, created_at) VALUES ('col_a', 'org_a', 'x', 'standard', '{}', 0);
            """);

        var (with, without) = (new List<double>(), new List<double>());
        for (var round = -1; round < Rounds; round++) // the first is not counted
        {
            var on = await JobAsync();
            await ExecuteAsync("CREATE TRIGGER off BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(IGNORE); END");
            var off = await JobAsync();
            await ExecuteAsync("DROP TRIGGER off");
            if (round < 0) continue;
            with.Add(on);
            without.Add(off);
        }

        Say($"a face committed, groups of {Group}: {Median(with):F3} ms with its entry, {Median(without):F3} ms with the row thrown away (medians of {Rounds} jobs of {Items})");

        using var commits = new AuditCommits(database);
        using var sequencer = new AuditSequencer(database, commits, time, NullLogger<AuditSequencer>.Instance);
        var took = await TimeAsync(() => sequencer.ChainAsync(CancellationToken.None));
        Say($"chaining them: {took / ((Rounds + 1) * (Items + 1)) * 1000:F1} µs an entry");

        var alone = new List<double>();
        for (var i = 0; i < 200; i++) alone.Add(await TimeAsync(() => commits.CommitAsync(Rows())));
        var together = await TimeAsync(() => Parallel.ForAsync(0, 3200, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (_, _) => await commits.CommitAsync(Rows())));
        Say($"an entry that a request waits for: {Median(alone):F2} ms alone (median of 200), {together / 3200:F3} ms for each of 32 at a time");

        var before = await PagesAsync();
        for (var i = 0; i < Many; i += 1000) await database.WriteAsync(tx => AuditTrail.AddAsync(tx, Enumerable.Range(0, 1000).SelectMany(_ => Rows())), CancellationToken.None);
        await sequencer.ChainAsync(CancellationToken.None);
        Say($"bytes for an entry of an identification, indexes included: {(await PagesAsync() - before) / (double)Many:F0}");

        AuditVerdict? verdict = null;
        took = await TimeAsync(async () => verdict = await new AuditVerifier(database).VerifyAsync("org_a", null, CancellationToken.None));
        Say($"verifying {verdict!.Head.Number} entries: {took / 1000:F2} s, {verdict.Head.Number / took * 1000:N0} a second; {(verdict.Break is null ? "valid" : "BROKEN")}");

        async Task<double> JobAsync()
        {
            var job = Guid.CreateVersion7(time.GetUtcNow()).ToString();
            var options = new JobOptions { OnDuplicate = OnDuplicate.Replace, MultipleFaces = MultipleFaces.Reject, MinQuality = 0, AllowIdentityChange = false, IdentityGuard = 0 };
            var items = Enumerable.Range(0, Items).Select(i => new SubmittedItem($"{job}-{i}", null, new StoredBlob(null, 1, $"{job}{i}"), null)).ToList();
            await batches.CreateAsync("org_a", "col_a", new BatchSubmission(job, items, options, ""), null, CancellationToken.None);
            var claimed = (await queue.ClaimAsync("w", Items, handsFree: true, CancellationToken.None)).Items;
            return await TimeAsync(async () =>
            {
                foreach (var group in claimed.Chunk(Group))
                    await queue.CompleteAsync([.. group.Select(item => new FinishedItem(item, Face()))], ModelPack.Standard.Calibration, CancellationToken.None);
            }) / Items;
        }

        IReadOnlyList<AuditRow> Rows() => trail.RowsOf("org_a", new AuditSource("key", "key_0198c0ffee0198c0ffee0198c0ffee01", "rc_live_ab12cd", "192.0.2.7", "req_0198c0ffee0198c0ffee0198c0ffee01"), [
            AuditEvent.OfFace(AuditActions.FaceIdentified, "col_0198c0ffee0198c0ffee0198c0ffee01", "face_0198c0ffee0198c0ffee0198c0ffee01", "employee-001") with
            {
                Details = new() { ["rank"] = 1, ["matches"] = 1, ["searched"] = 1000 },
            },
        ]);

        Task ExecuteAsync(string sql) => database.WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, null, tx), CancellationToken.None);

        Task<long> PagesAsync() => database.ReadAsync(
            tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)", null, tx), CancellationToken.None);
    }

    private static ItemResult.Embedded Face()
    {
        var vector = new float[128];
        Random.Shared.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(vector.AsSpan()));
        return new ItemResult.Embedded(new FaceBox(0.1, 0.1, 0.5, 0.5), 0.8, vector);
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var start = TimeProvider.System.GetTimestamp();
        await work();
        return TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
