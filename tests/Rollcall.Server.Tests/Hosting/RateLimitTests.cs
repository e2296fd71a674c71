using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Hosting;
using Rollcall.Server.Tests.Batches;

namespace Rollcall.Server.Tests.Hosting;

public sealed class RateLimitTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));

    [Fact]
    public async Task The_request_after_the_last_is_refused_and_a_minute_after_the_first_all_are_there_again()
    {
        await using var host = await StartAsync("--Limits:RequestsPerMinute=5");
        var tenant = await FreshAsync(host);

        for (var left = 4; left >= 0; left--)
        {
            using var granted = await tenant.Key.GetAsync("/api/v1/collections");
            Assert.Equal(HttpStatusCode.OK, granted.StatusCode);
            Assert.Equal("\"requests\";q=5;w=60", Header(granted, "RateLimit-Policy"));
            Assert.Equal($"\"requests\";r={left};t=60", Header(granted, "RateLimit"));
        }

        _time.Advance(TimeSpan.FromSeconds(20));
        using (var refused = await tenant.Key.GetAsync("/api/v1/collections"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("RATE_LIMIT_EXCEEDED", await refused.ErrorCodeAsync());
            Assert.Equal(TimeSpan.FromSeconds(40), refused.Headers.RetryAfter!.Delta);
            Assert.Equal("\"requests\";r=0;t=40", Header(refused, "RateLimit"));
        }

        _time.Advance(TimeSpan.FromSeconds(39.5));
        using (var still = await tenant.Key.GetAsync("/api/v1/collections")) Assert.Equal(TimeSpan.FromSeconds(1), still.Headers.RetryAfter!.Delta);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        using var again = await tenant.Key.GetAsync("/api/v1/collections");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal("\"requests\";r=4;t=60", Header(again, "RateLimit"));
    }

    [Fact]
    public async Task Every_credential_has_a_limit_of_its_own()
    {
        await using var host = await StartAsync("--Limits:RequestsPerMinute=5");
        var (tenant, other) = (await FreshAsync(host), await FreshAsync(host));
        using var second = host.ClientWith("X-API-Key", await tenant.CreateKeyAsync(new JsonObject { ["scopes"] = new JsonArray("collections") }));
        for (var i = 0; i < 6; i++) await tenant.Key.GetAsync("/api/v1/collections");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await tenant.Key.GetAsync("/api/v1/collections")).StatusCode);

        foreach (var (client, left) in new[] { (second, 4), (other.Key, 4), (tenant.Bearer, 3) }) // the bearer made the key
        {
            using var answer = await client.GetAsync("/api/v1/collections");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal($"\"requests\";r={left};t=60", Header(answer, "RateLimit"));
        }
    }

    [Fact]
    public async Task An_answer_that_is_an_error_tells_what_is_left_as_well()
    {
        await using var host = await StartAsync("--Limits:RequestsPerMinute=5");
        var tenant = await FreshAsync(host);

        using var unknown = await tenant.Key.GetAsync("/api/v1/collections/col_0");
        using var nowhere = await tenant.Key.GetAsync("/api/v1/nowhere");
        using var wrong = await tenant.Key.PostAsJsonAsync("/api/v1/collections", new JsonObject { ["colour"] = "blue" });

        Assert.Equal([404, 404, 400], new[] { unknown, nowhere, wrong }.Select(answer => (int)answer.StatusCode));
        Assert.Equal(["4", "3", "2"], new[] { unknown, nowhere, wrong }.Select(answer => Header(answer, "RateLimit")["\"requests\";r=".Length..][..1]));
    }

    [Fact]
    public async Task A_poll_that_is_answered_304_costs_nothing()
    {
        await using var host = await TestHost.StartAsync(_time, customize: TestHost.WithoutWorker, args: "--Limits:RequestsPerMinute=5");
        var tenant = await FreshAsync(host);
        var job = (await tenant.SubmitAsync(new BatchBody().Image("a", Pictures.Jpeg(120, 120))))["job_id"]!.GetValue<string>();
        using var first = await PollAsync(tenant, job, null);
        Assert.Equal("\"requests\";r=3;t=60", Header(first, "RateLimit"));

        for (var i = 0; i < 20; i++)
        {
            using var known = await PollAsync(tenant, job, first.Headers.ETag);
            Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
            Assert.Equal("\"requests\";r=3;t=60", Header(known, "RateLimit"));
        }

        using var news = await PollAsync(tenant, job, null);
        Assert.Equal("\"requests\";r=2;t=60", Header(news, "RateLimit"));
    }

    [Fact]
    public async Task A_submit_counts_in_both_and_one_too_many_is_refused_before_its_body_is_read()
    {
        await using var host = await TestHost.StartAsync(_time, customize: TestHost.WithoutWorker, args: ["--Limits:RequestsPerMinute=9", "--Limits:SubmitsPerMinute=2"]);
        var tenant = await FreshAsync(host);
        var body = new BatchBody().Image("a", Pictures.Jpeg(120, 120));

        using var first = await tenant.PostAsync(body);
        using var second = await tenant.PostAsync(body);
        Assert.Equal("\"requests\";q=9;w=60, \"submits\";q=2;w=60", Header(first, "RateLimit-Policy"));
        Assert.Equal("\"requests\";r=8;t=60, \"submits\";r=1;t=60", Header(first, "RateLimit"));
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (first.StatusCode, second.StatusCode));

        using var raw = await RawRequest.SubmitAsync(tenant, "Content-Length: 1000000");
        var refused = await raw.AnswerAsync();

        Assert.StartsWith("HTTP/1.1 429", refused, StringComparison.Ordinal);
        Assert.Contains("Retry-After: 60", refused, StringComparison.Ordinal);
        Assert.Contains("RateLimit: \"requests\";r=6;t=60, \"submits\";r=0;t=60", refused, StringComparison.Ordinal);
        using var list = await tenant.Key.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch");
        Assert.Equal("\"requests\";r=5;t=60", Header(list, "RateLimit"));
        Assert.Equal(2, (await list.JsonAsync())["data"]!["jobs"]!.AsArray().Count);
    }

    [Fact]
    public async Task Requests_without_a_valid_credential_are_limited_by_address_and_valid_ones_are_not()
    {
        await using var host = await StartAsync("--Limits:AnonymousRequestsPerMinute=3");
        var tenant = await FreshAsync(host);
        using var guess = host.ClientWith("X-API-Key", "rc_live_0000");

        for (var left = 2; left >= 0; left--)
        {
            using var wrong = await guess.GetAsync("/api/v1/collections");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
            Assert.Equal("\"anonymous\";q=3;w=60", Header(wrong, "RateLimit-Policy"));
            Assert.Equal($"\"anonymous\";r={left};t=60", Header(wrong, "RateLimit"));
        }

        using var forged = host.ClientWith("Authorization", "Bearer x.y.z");
        foreach (var client in new[] { guess, forged, host.Http })
        {
            using var refused = await client.GetAsync("/api/v1/collections");
            Assert.Equal("RATE_LIMIT_EXCEEDED", await refused.ErrorCodeAsync());
            Assert.Equal(TimeSpan.FromSeconds(60), refused.Headers.RetryAfter!.Delta);
        }

        Assert.Equal(HttpStatusCode.OK, (await tenant.Key.GetAsync("/api/v1/collections")).StatusCode);
        using var health = await host.Http.GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.False(health.Headers.Contains("RateLimit"));
    }

    [Fact]
    public async Task The_case_of_a_path_is_no_way_around_a_limit()
    {
        await using var host = await StartAsync("--Limits:RequestsPerMinute=2");
        var tenant = await FreshAsync(host);
        foreach (var path in new[] { "/api/v1/collections", "/API/v1/collections" })
        {
            using var granted = await tenant.Key.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, granted.StatusCode);
        }

        using var refused = await tenant.Key.GetAsync("/Api/V1/Collections");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    [Fact]
    public async Task A_limit_of_0_is_none()
    {
        await using var host = await StartAsync("--Limits:RequestsPerMinute=0", "--Limits:AnonymousRequestsPerMinute=0");
        var tenant = await FreshAsync(host);

        using var answer = await tenant.Key.GetAsync("/api/v1/collections");
        using var anonymous = await host.Http.GetAsync("/api/v1/collections");

        Assert.False(answer.Headers.Contains("RateLimit"));
        Assert.False(anonymous.Headers.Contains("RateLimit-Policy"));
    }

    [Fact]
    public void Addresses_without_number_are_counted_together_and_a_minute_later_forgotten()
    {
        var windows = new RateWindows(2, _time);
        for (var i = 0; i < RateWindows.MostHolders + 1000; i++) windows.Take($"address {i}");
        Assert.Equal(RateWindows.MostHolders + 1, windows.Count);
        Assert.False(windows.Take("one more").IsGranted);
        Assert.True(windows.Take("address 0").IsGranted);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(windows.Take("one more").IsGranted);
        Assert.Equal(1, windows.Count);
    }

    private Task<TestHost> StartAsync(params string[] args) => TestHost.StartAsync(_time, args: args);

    /// <summary>A tenant of which no request has been counted.</summary>
    private async Task<Tenant> FreshAsync(TestHost host)
    {
        var tenant = await Tenant.CreateAsync(host.Address);
        _time.Advance(TimeSpan.FromMinutes(1));
        return tenant;
    }

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.GetValues(name).Single();

    private static Task<HttpResponseMessage> PollAsync(Tenant tenant, string job, EntityTagHeaderValue? known)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/organizations/{tenant.Organization}/batch/{job}");
        if (known is not null) request.Headers.IfNoneMatch.Add(known);
        return tenant.Key.SendAsync(request);
    }
}
