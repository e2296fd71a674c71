using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;

namespace Rollcall.Server.Tests.Batches;

/// <summary>Polls that wait: against a server whose workers stand still until the test lets them go.</summary>
public sealed class WaitingPollTests
{
    [Fact]
    public async Task A_tag_that_is_known_gives_304_and_each_view_has_its_own()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();

        using var first = await GetAsync(tenant, job, "");
        using var again = await GetAsync(tenant, job, "", first.Headers.ETag);
        using var other = await GetAsync(tenant, job, "?results=false", first.Headers.ETag);

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(first.Headers.ETag, again.Headers.ETag);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.NotEqual(first.Headers.ETag, other.Headers.ETag);
        Assert.Equal(HttpStatusCode.NotModified, (await GetAsync(tenant, job, "", EntityTagHeaderValue.Any)).StatusCode);
        Assert.Null(first.Headers.RetryAfter); // the job is finished
    }

    [Fact]
    public async Task A_running_job_says_how_long_it_will_take_and_the_tag_does_not_follow_that()
    {
        await using var host = await StandingStillAsync(TimeProvider.System);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();
        using var before = await GetAsync(tenant, job, "");
        for (var i = 0; i < 50; i++) host.Get<Throughput>().Add(TimeSpan.FromMinutes(2));
        using var slower = await GetAsync(tenant, job, "");

        Assert.Equal(1, (await before.JsonAsync())["data"]!["eta_seconds"]!.GetValue<int>());
        Assert.InRange((await slower.JsonAsync())["data"]!["eta_seconds"]!.GetValue<int>(), 10, 120);
        Assert.Equal(before.Headers.ETag, slower.Headers.ETag);
    }

    [Fact]
    public async Task A_finished_job_answers_at_once_however_long_the_poll_would_wait()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56)); // it never moves, so a wait would never end
        await using var host = await TestHost.StartAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();

        using var known = await GetAsync(tenant, job, "?wait=60");

        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, (await GetAsync(tenant, job, "?wait=60", known.Headers.ETag)).StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_waiting_poll_returns_with_the_change(bool withTag)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await StandingStillAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();
        using var before = await GetAsync(tenant, job, "");
        Assert.NotNull(before.Headers.RetryAfter);

        var waiting = GetAsync(tenant, job, "?wait=60", withTag ? before.Headers.ETag : null);
        await WaitUntilLooksAsync(time);
        Assert.False(waiting.IsCompleted);
        await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None);
        await WaitUntilEndAsync(waiting, time);

        using var answer = await waiting;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("processing", (await answer.JsonAsync())["data"]!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task When_the_time_is_up_a_known_tag_gives_304_and_no_tag_what_there_is()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await StandingStillAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();
        using var before = await GetAsync(tenant, job, "");

        Task<HttpResponseMessage>[] waiting = [GetAsync(tenant, job, "?wait=5", before.Headers.ETag), GetAsync(tenant, job, "?wait=5")];
        await WaitUntilEndAsync(Task.WhenAll(waiting), time);

        Assert.Equal(HttpStatusCode.NotModified, (await waiting[0]).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await waiting[1]).StatusCode);
    }

    [Fact]
    public async Task A_credential_has_five_waiting_polls_and_no_more_and_gets_its_places_back()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await StandingStillAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();

        var polls = Enumerable.Range(0, 6).Select(_ => GetAsync(tenant, job, "?wait=60")).ToList();
        using var refused = await await Task.WhenAny(polls);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("RATE_LIMIT_EXCEEDED", await refused.ErrorCodeAsync());
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await tenant.Key.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch/{job}")).StatusCode);

        await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None);
        await WaitUntilEndAsync(Task.WhenAll(polls), time);
        Assert.Equal(5, (await Task.WhenAll(polls)).Count(answer => answer.StatusCode == HttpStatusCode.OK));
        var next = GetAsync(tenant, job, "?wait=1");
        await WaitUntilEndAsync(next, time);
        Assert.Equal(HttpStatusCode.OK, (await next).StatusCode);
    }

    [Fact]
    public async Task Another_key_has_places_of_its_own_and_callers_that_go_away_leave_theirs()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56)); // it does not move, so no wait ends by itself
        await using var host = await StandingStillAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();
        using var other = host.ClientWith("X-API-Key", await tenant.CreateKeyAsync(new JsonObject { ["name"] = "other", ["scopes"] = new JsonArray("batch") }));
        var keys = (await (await tenant.Bearer.GetAsync($"/api/v1/organizations/{tenant.Organization}/api-keys")).JsonAsync())["data"]!["api_keys"]!.AsArray();
        using var leave = new CancellationTokenSource();
        foreach (var client in new[] { tenant.Key, other })
        {
            var polls = Enumerable.Range(0, 6).Select(_ => client.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch/{job}?wait=60", leave.Token)).ToList();
            using var refused = await await Task.WhenAny(polls); // five wait
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        }

        await leave.CancelAsync();

        foreach (var key in keys)
        {
            var free = 0;
            await Eventually.TrueAsync(() => host.Get<BatchPoll>().TryEnter(key!["id"]!.GetValue<string>()) && ++free == 5);
        }
    }

    private static Task<TestHost> StandingStillAsync(TimeProvider time) => TestHost.StartAsync(time, customize: TestHost.WithoutWorker);

    private static Task<HttpResponseMessage> GetAsync(Tenant tenant, string job, string query, EntityTagHeaderValue? known = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/organizations/{tenant.Organization}/batch/{job}{query}");
        if (known is not null) request.Headers.IfNoneMatch.Add(known);
        return tenant.Key.SendAsync(request);
    }

    /// <summary>Moves the clock from look to look until the polls have answered.</summary>
    private static Task WaitUntilEndAsync(Task polls, FakeTimeProvider time) => Eventually.TrueAsync(async () =>
    {
        await WaitUntilLooksAsync(time);
        return polls.IsCompleted;
    });

    /// <summary>Moves the clock to where a waiting poll looks again, and gives it the real moment that this takes.</summary>
    private static async Task WaitUntilLooksAsync(FakeTimeProvider time)
    {
        time.Advance(TimeSpan.FromSeconds(1));
        await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
    }
}
