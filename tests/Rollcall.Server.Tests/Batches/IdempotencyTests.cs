using System.Net;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Batches;

public sealed class IdempotencyTests
{
    private static readonly byte[] Photo = Pictures.Jpeg(120, 120);

    [Fact]
    public async Task A_repeat_answers_with_the_original_body_also_when_the_job_is_finished()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var first = await SubmitAsync(tenant, "nightly");
        var original = (await first.JsonAsync())["data"]!;
        await tenant.EndOfAsync(original["job_id"]!.GetValue<string>());
        using var repeat = await SubmitAsync(tenant, "nightly");

        Assert.Equal(HttpStatusCode.Accepted, repeat.StatusCode);
        Assert.Equal(original.ToJsonString(), (await repeat.JsonAsync())["data"]!.ToJsonString());
        Assert.Equal("true", repeat.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(first.Headers.Location, repeat.Headers.Location);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(1, await JobsAsync(tenant));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(host.Data, "blobs")).Skip(1)); // the failed item's of the first alone
    }

    [Fact]
    public async Task Other_content_under_the_same_key_is_refused_whatever_part_differs()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await SubmitAsync(tenant, "k", new BatchBody().Image("a", Photo).Field("min_quality", "0.1"));

        foreach (var other in new[]
        {
            new BatchBody().Image("b", Photo).Field("min_quality", "0.1"),
            new BatchBody().Image("a", Pictures.Jpeg(121, 120)).Field("min_quality", "0.1"),
            new BatchBody().Image("a", Photo).Field("min_quality", "0.10"),
            new BatchBody().Image("a", Photo),
            new BatchBody().Field("min_quality", "0.1").Image("a", Photo),
            new BatchBody().Image("a", Photo).Field("min_quality", "0.1").Field("metadata[]", "{}"),
        })
        {
            using var answer = await SubmitAsync(tenant, "k", other);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            Assert.Equal("IDEMPOTENCY_KEY_REUSED", await answer.ErrorCodeAsync());
        }

        Assert.Equal(1, await JobsAsync(tenant));
    }

    [Fact]
    public async Task While_the_first_is_received_the_key_is_in_use_and_whoever_lost_its_lease_cannot_commit()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var release = new TaskCompletionSource();
        tenant.Key.DefaultRequestHeaders.Add("Idempotency-Key", "k");
        var slow = tenant.PostAsync(new BatchBody().Image("a", Photo), release.Task);
        await Eventually.TrueAsync(async () => await CountAsync(host, "SELECT COUNT(*) FROM idempotency") == 1);

        using (var meanwhile = await tenant.PostAsync(new BatchBody().Image("a", Photo)))
        {
            Assert.Equal(HttpStatusCode.Conflict, meanwhile.StatusCode);
            Assert.Equal("IDEMPOTENCY_KEY_IN_USE", await meanwhile.ErrorCodeAsync());
            Assert.NotNull(meanwhile.Headers.RetryAfter);
        }

        // As after a pause of the process that was longer than the lease.
        await WriteAsync(host, "UPDATE idempotency SET lease_until = 0");
        using var second = await tenant.PostAsync(new BatchBody().Image("a", Photo));
        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        release.SetResult();
        using var first = await slow;
        Assert.Equal("IDEMPOTENCY_KEY_IN_USE", await first.ErrorCodeAsync());

        Assert.Equal(1, await JobsAsync(tenant));
        await tenant.EndOfAsync((await second.JsonAsync())["data"]!["job_id"]!.GetValue<string>());
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM idempotency WHERE job_id IS NOT NULL"));
    }

    [Fact]
    public async Task Twenty_at_the_same_moment_make_one_job()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SubmitAsync(tenant, "k")));

        Assert.Equal(1, await JobsAsync(tenant));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Accepted && !answer.Headers.Contains("Idempotency-Replayed"));
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task A_refused_request_leaves_its_key_free()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var refused = await SubmitAsync(tenant, "k", new BatchBody().Image("", Photo));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        using var mended = await SubmitAsync(tenant, "k");
        Assert.Equal(HttpStatusCode.Accepted, mended.StatusCode);
        Assert.False(mended.Headers.Contains("Idempotency-Replayed"));
    }

    [Fact]
    public async Task A_key_is_its_organizations_and_its_collections()
    {
        await using var host = await TestHost.StartAsync();
        var (one, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        await SubmitAsync(one, "k");

        Assert.False((await SubmitAsync(other, "k")).Headers.Contains("Idempotency-Replayed"));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/collections/{await one.CreateCollectionAsync()}/faces/batch-async");
        request.Headers.Add("Idempotency-Key", "k");
        request.Content = new BatchBody().Image("a", Photo).ToContent();
        using var elsewhere = await one.Key.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, elsewhere.StatusCode);
        Assert.False(elsewhere.Headers.Contains("Idempotency-Replayed"));
    }

    [Fact]
    public async Task A_key_is_kept_for_a_day()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        await SubmitAsync(tenant, "k");

        time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.True((await SubmitAsync(tenant, "k")).Headers.Contains("Idempotency-Replayed"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await SubmitAsync(tenant, "k")).Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(2, await JobsAsync(tenant));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\tb")]
    [InlineData("256")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await SubmitAsync(tenant, key == "256" ? new string('x', 256) : key);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM idempotency"));
    }

    private static Task<HttpResponseMessage> SubmitAsync(Tenant tenant, string key, BatchBody? body = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/collections/{tenant.Collection}/faces/batch-async")
        {
            Content = (body ?? new BatchBody().Image("a", Photo)).ToContent(),
        };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return tenant.Key.SendAsync(request);
    }

    private static async Task<int> JobsAsync(Tenant tenant) =>
        (await tenant.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch"))["jobs"]!.AsArray().Count;

    private static Task<long> CountAsync(TestHost host, string sql) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>(sql, null, tx), CancellationToken.None);

    private static Task WriteAsync(TestHost host, string sql) =>
        host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, null, tx), CancellationToken.None);
}
