using System.Net;
using Dapper;
using Rollcall.Server.Batches;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.Batches;

namespace Rollcall.Server.Tests.Storage;

public sealed class StorageQuotaTests
{
    private const int Kilobyte = 1000;

    [Fact]
    public async Task What_an_organization_has_stored_is_what_its_items_own_whatever_happens_to_them()
    {
        await using var host = await TestHost.StartAsync();
        var (tenant, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        var rocket = Assets.Sample("nonface/rocket.jpg");
        Assert.Equal(0, await StoredAsync(host, tenant));

        await tenant.EnrolAsync(BatchBody.Of(("powell", Assets.Lfw("Colin_Powell")), ("a", rocket), ("b", rocket)));
        Assert.Equal(2 * new FileInfo(rocket).Length, await StoredAsync(host, tenant)); // the failed ones, for a retry
        Assert.Equal(0, await StoredAsync(host, other));

        await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=a");
        Assert.Equal(new FileInfo(rocket).Length, await StoredAsync(host, tenant));

        await host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync("UPDATE job SET expires_at = 1", null, tx), CancellationToken.None);
        await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);
        Assert.Equal(0, await StoredAsync(host, tenant));

        await tenant.EnrolAsync(BatchBody.Of(("c", rocket)));
        Assert.Equal(new FileInfo(rocket).Length, await StoredAsync(host, tenant));
        await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}");
        Assert.Equal(0, await StoredAsync(host, tenant));
    }

    [Fact]
    public async Task A_body_beyond_the_quota_is_refused_leaves_nothing_and_its_key_is_free_when_there_is_room()
    {
        await using var host = await StandingStillAsync("--Limits:StoredBytes=100000");
        var (tenant, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        await tenant.SubmitAsync(Images("a", 1, 60 * Kilobyte));
        tenant.Key.DefaultRequestHeaders.Add("Idempotency-Key", "k");

        using (var refused = await tenant.PostAsync(Images("b", 1, 60 * Kilobyte)))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("QUOTA_EXCEEDED", await refused.ErrorCodeAsync());
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        Assert.Equal(60 * Kilobyte, await StoredAsync(host, tenant));
        Assert.Single(Files(host));
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM idempotency"));
        await other.SubmitAsync(Images("b", 1, 60 * Kilobyte));

        await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=a0");
        await tenant.SubmitAsync(Images("b", 1, 60 * Kilobyte));
        Assert.Equal(60 * Kilobyte, await StoredAsync(host, tenant));
    }

    [Fact]
    public async Task A_repeat_is_answered_when_the_quota_is_used_up()
    {
        await using var host = await StandingStillAsync("--Limits:StoredBytes=60000");
        var tenant = await Tenant.CreateAsync(host.Address);
        tenant.Key.DefaultRequestHeaders.Add("Idempotency-Key", "k");
        var body = Images("a", 1, 60 * Kilobyte);
        await tenant.SubmitAsync(body);

        using var repeat = await tenant.PostAsync(body);

        Assert.Equal(HttpStatusCode.Accepted, repeat.StatusCode);
        Assert.True(repeat.Headers.Contains("Idempotency-Replayed"));
    }

    [Fact]
    public async Task A_body_that_does_not_say_its_length_is_refused_while_it_streams()
    {
        await using var host = await StandingStillAsync("--Limits:StoredBytes=3000000");
        var tenant = await Tenant.CreateAsync(host.Address);
        using var raw = await RawRequest.SubmitAsync(tenant, "Transfer-Encoding: chunked");
        await raw.SendChunkAsync(System.Text.Encoding.ASCII.GetBytes(RawRequest.ImagePart));
        for (var i = 0; i < 4; i++) await raw.SendChunkAsync(new byte[1_000_000]); // and no end

        Assert.StartsWith("HTTP/1.1 429", await raw.AnswerAsync(), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => !Directory.EnumerateFileSystemEntries(Path.Combine(host.Data, "blobs")).Any());
        Assert.Equal(0, await StoredAsync(host, tenant));

        // The bytes of the refused body are free again.
        await tenant.SubmitAsync(Images("a", 1, 3_000_000));
    }

    [Fact]
    public async Task Twenty_at_once_do_not_exceed_it_together()
    {
        await using var host = await StandingStillAsync("--Limits:StoredBytes=1000000");
        var tenant = await Tenant.CreateAsync(host.Address);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => tenant.PostAsync(Images($"p{i}-", 2, 50 * Kilobyte))));

        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.TooManyRequests));
        Assert.InRange(answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted), 1, 10);
        Assert.InRange(await StoredAsync(host, tenant), 1, 1_000_000);

        // What was only asked for and not used is not lost.
        for (var i = 0; i < 10; i++) await tenant.PostAsync(Images($"q{i}-", 2, 50 * Kilobyte));
        Assert.Equal(1_000_000, await StoredAsync(host, tenant));
    }

    [Fact]
    public async Task An_image_that_is_too_large_to_be_kept_takes_nothing()
    {
        await using var host = await StandingStillAsync("--Limits:StoredBytes=12000000");
        var tenant = await Tenant.CreateAsync(host.Address);

        await tenant.SubmitAsync(Images("a", 3, 11_000_000));

        Assert.Equal(0, await StoredAsync(host, tenant));
    }

    [Fact]
    public async Task An_organization_may_have_a_limit_of_its_own()
    {
        await using var host = await StandingStillAsync("--Limits:StoredBytes=1000");
        var (tenant, small) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        await host.Get<Database>().WriteAsync(
            tx => tx.Connection!.ExecuteAsync("UPDATE organization SET stored_bytes_limit = 70000 WHERE id = @Organization", new { tenant.Organization }, tx),
            CancellationToken.None);

        await tenant.SubmitAsync(Images("a", 1, 60 * Kilobyte));
        using var refused = await small.PostAsync(Images("a", 1, 60 * Kilobyte));

        Assert.Equal("QUOTA_EXCEEDED", await refused.ErrorCodeAsync());
    }

    private static Task<TestHost> StandingStillAsync(params string[] args) => TestHost.StartAsync(customize: TestHost.WithoutWorker, args: args);

    private static BatchBody Images(string person, int count, int bytes) => Enumerable.Range(0, count)
        .Aggregate(new BatchBody(), (body, i) => body.Image($"{person}{i}", Pictures.Padded(Pictures.Jpeg(120, 120), bytes)));

    private static string[] Files(TestHost host) => Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories);

    /// <summary>What the organization's row says; it is the sum over its items.</summary>
    private static async Task<long> StoredAsync(TestHost host, Tenant tenant)
    {
        var (counted, summed) = await host.Get<Database>().ReadAsync(
            tx => tx.Connection!.QuerySingleAsync<(long, long)>(
                """
                SELECT stored_bytes,
                  (SELECT COALESCE(SUM(i.blob_bytes), 0) FROM job_item i JOIN job j ON j.id = i.job_id WHERE j.organization_id = o.id AND i.blob IS NOT NULL)
                FROM organization o WHERE id = @Organization
                """,
                new { tenant.Organization },
                tx),
            CancellationToken.None);
        Assert.Equal(summed, counted);
        return counted;
    }

    private static Task<long> CountAsync(TestHost host, string sql) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>(sql, null, tx), CancellationToken.None);
}
