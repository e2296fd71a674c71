using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Server.Audit;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.Enrolment;

namespace Rollcall.Server.Tests.Audit;

/// <summary>That every entry is chained once, whoever chains and whatever dies.</summary>
public sealed class AuditSequencerTests
{
    [Fact]
    public async Task While_acts_go_on_several_that_chain_at_once_make_one_chain_of_each_organization()
    {
        await using var fixture = new QueueFixture();
        foreach (var organization in new[] { "org_a", "org_b" }) await fixture.CollectionAsync(organization);
        var source = new SqliteDataSource(fixture.DatabaseFile);
        await using var elsewhere = new Database(source, SqlDialect.Sqlite); // another process, as far as the file can tell
        using var done = new CancellationTokenSource();

        var chaining = new[] { fixture.Database, elsewhere, fixture.Database, elsewhere }.Select(database => Task.Run(async () =>
        {
            using var commits = new AuditCommits(database);
            using var sequencer = new AuditSequencer(database, commits, TimeProvider.System, NullLogger<AuditSequencer>.Instance);
            while (!done.IsCancellationRequested) await sequencer.ChainAsync(CancellationToken.None);
            await sequencer.ChainAsync(CancellationToken.None);
        })).ToList();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                var organization = (i + worker) % 2 == 0 ? "org_a" : "org_b";
                await (worker < 4 ? fixture.Database : elsewhere).WriteAsync(
                    tx => fixture.Audit.RecordAsync(tx, organization, AuditEvent.OfKey(AuditActions.KeyCreated, $"key_{worker}_{i}"), AuditEvent.OfKey(AuditActions.KeyRevoked, $"key_{worker}_{i}")),
                    CancellationToken.None);
            }
        })));
        await done.CancelAsync();
        await Task.WhenAll(chaining);

        foreach (var organization in new[] { "org_a", "org_b" })
        {
            var verdict = await new AuditVerifier(fixture.Database).VerifyAsync(organization, null, CancellationToken.None);
            Assert.Equal((200, null, 0), (verdict.Head.Number, verdict.Break, verdict.Open));
        }

        Assert.Equal(400, await fixture.ScalarAsync<long>("SELECT COUNT(DISTINCT hash) FROM audit_entry"));
    }

    [Fact]
    public async Task The_ends_of_the_chains_are_told_each_hour_and_at_the_stop_where_they_have_moved_on()
    {
        await using var fixture = new QueueFixture();
        await fixture.CollectionAsync();
        var log = new List<string>();
        using var commits = new AuditCommits(fixture.Database);
        using var sequencer = new AuditSequencer(fixture.Database, commits, fixture.Time, new ListLogger(log));
        await sequencer.StartAsync(CancellationToken.None);
        Task ActAsync() => fixture.Database.WriteAsync(tx => fixture.Audit.RecordAsync(tx, "org_a", AuditEvent.OfKey(AuditActions.KeyCreated, "key_1")), CancellationToken.None);

        await ActAsync();
        await Eventually.TrueAsync(async () =>
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(1)); // again, for the timer may not be there yet
            return await fixture.ScalarAsync<long>("SELECT COUNT(*) FROM audit_head") == 1;
        });
        Assert.Empty(log);
        fixture.Time.Advance(TimeSpan.FromHours(1));
        await Eventually.TrueAsync(() => Count() == 1);
        fixture.Time.Advance(TimeSpan.FromHours(1)); // nothing happened
        await ActAsync();
        await sequencer.StopAsync(CancellationToken.None);

        var hash = await fixture.ScalarAsync<string>("SELECT hash FROM audit_head");
        Assert.Equal(2, Count());
        Assert.Equal($"The audit log of organization org_a has 2 entries; the hash of the last is {hash}.", log[^1]);

        int Count()
        {
            lock (log) return log.Count;
        }
    }

    [Fact]
    public async Task What_was_done_right_before_a_kill_is_chained_by_the_next_start_and_each_face_is_there_once()
    {
        using var folder = new TestFolder();
        var photographs = Directory.EnumerateDirectories(Path.Combine(Assets.Faces, "lfw"), "A*").Order(StringComparer.Ordinal)
            .Select(person => Directory.EnumerateFiles(person).Order(StringComparer.Ordinal).First()).Take(50).ToList();

        // Killed in the middle of jobs, in an upload, and right after a 202.
        var report = await new KillCampaign(folder.Path, Assets.Models, photographs, seed: 20261125).RunAsync(kills: 3);
        Assert.Empty(report.Complaints);

        await using var database = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "rollcall.db")}");
        Assert.Equal(0, await database.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM audit_entry WHERE number IS NULL")); // the stop has chained the last
        Assert.Equal(report.Jobs, await database.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM audit_entry WHERE action = 'batch.submitted'"));
        var faces = await database.QueryAsync<string>("SELECT id FROM face ORDER BY id");
        Assert.Equal(faces, await database.QueryAsync<string>("SELECT target_id FROM audit_entry WHERE action IN ('face.enrolled', 'face.replaced') ORDER BY target_id"));
        var (code, output, _) = await AuditCommandTests.RunAsync("verify", "--data", folder.Path);
        Assert.True(code == 0, output);

        // An act whose process died before its entry was chained.
        await database.ExecuteAsync("INSERT INTO audit_entry (organization_id, at, action, actor_kind) SELECT id, 0, 'key.created', 'system' FROM organization");
        Assert.Contains("1 entries are not in the chain yet", (await AuditCommandTests.RunAsync("verify", "--data", folder.Path)).Output, StringComparison.Ordinal);
        await using (await ServerProcess.StartAsync(folder.Path, Assets.Models))
            Assert.Equal(0, await database.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM audit_entry WHERE number IS NULL"));
        Assert.Equal(0, (await AuditCommandTests.RunAsync("verify", "--data", folder.Path)).Code);
    }

    private sealed class ListLogger(List<string> lines) : ILogger<AuditSequencer>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines) lines.Add(formatter(state, exception));
        }
    }
}
