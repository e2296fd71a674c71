using System.Net;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Batches;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Batches;

public sealed class RetentionTests
{
    [Fact]
    public async Task A_job_is_kept_for_seven_days_and_then_it_and_its_leftovers_are_gone_and_its_faces_stay()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = await tenant.EnrolAsync(BatchBody.Of(("powell", Assets.Lfw("Colin_Powell")), ("rocket", Assets.Sample("nonface/rocket.jpg"))));
        var id = job["job_id"]!.GetValue<string>();
        Assert.Equal(time.GetUtcNow().AddDays(7), job["expires_at"]!.GetValue<DateTimeOffset>());
        Assert.Single(Blobs(host)); // the failed item's, for a retry

        time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        await tenant.PollAsync(id);

        time.Advance(TimeSpan.FromSeconds(1));
        using var response = await tenant.Key.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch/{id}");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("BATCH_JOB_NOT_FOUND", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);
        Assert.Empty(Blobs(host));
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM job_item"));
        Assert.Single(await tenant.FacesAsync("powell"));
    }

    [Fact]
    public async Task A_superseded_reference_goes_with_the_job_that_superseded_it()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("bush", Assets.Lfw("George_W_Bush", 1))));
        time.Advance(TimeSpan.FromDays(1));
        await tenant.EnrolAsync(BatchBody.Of(("bush", Assets.Lfw("George_W_Bush", 2))).Field("multiple_faces", "largest"));
        Assert.Equal(2, await CountAsync(host, "SELECT COUNT(*) FROM face"));

        time.Advance(TimeSpan.FromDays(6));
        await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);
        Assert.Equal(2, await CountAsync(host, "SELECT COUNT(*) FROM face"));

        time.Advance(TimeSpan.FromDays(1));
        await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM face"));
        Assert.Single(await tenant.FacesAsync("bush"));
    }

    [Fact]
    public async Task What_was_superseded_and_purged_while_nobody_searched_does_not_stand_in_the_way_of_who_stands()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1))));
        await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1)); // the index knows the first
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2))));
        time.Advance(TimeSpan.FromDays(7));
        await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);

        var answer = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1));

        Assert.Equal("p", Assert.Single(answer["matches"]!.AsArray())!["external_id"]!.GetValue<string>());
        Assert.Equal(1, answer["searched"]!.GetValue<int>());
    }

    [Fact]
    public async Task An_upload_that_is_being_received_is_not_swept_however_old_its_files_look()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var release = new TaskCompletionSource();
        var upload = tenant.PostAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))), release.Task);
        await Eventually.TrueAsync(() => Blobs(host).Length > 0);

        await host.Get<BatchRetention>().SweepAsync(DateTimeOffset.MaxValue, CancellationToken.None);
        release.SetResult();

        using var answer = await upload;
        var job = (await answer.JsonAsync())["data"]!["job_id"]!.GetValue<string>();
        Assert.Equal("enrolled", (await tenant.EndOfAsync(job))["results"]![0]!["outcome"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_sweep_takes_blobs_that_no_row_names_but_no_upload_that_is_under_way()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("rocket", Assets.Sample("nonface/rocket.jpg"))));
        var (old, fresh) = (Orphan(host, "old", TimeSpan.FromDays(2)), Orphan(host, "fresh", TimeSpan.Zero));

        await host.Get<BatchRetention>().SweepAsync(TimeProvider.System.GetUtcNow().AddDays(-1), CancellationToken.None);

        Assert.False(File.Exists(old));
        Assert.True(File.Exists(fresh));
        Assert.Equal(2, Blobs(host).Length);
    }

    private static string Orphan(TestHost host, string group, TimeSpan age)
    {
        var folder = Directory.CreateDirectory(Path.Combine(host.Data, "blobs", group));
        var path = Path.Combine(folder.FullName, "000");
        File.WriteAllText(path, "");
        File.SetLastWriteTimeUtc(path, (TimeProvider.System.GetUtcNow() - age).UtcDateTime);
        return path;
    }

    private static string[] Blobs(TestHost host) => Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories);

    private static Task<long> CountAsync(TestHost host, string sql) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>(sql, null, tx), CancellationToken.None);
}
