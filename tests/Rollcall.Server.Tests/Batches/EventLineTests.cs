using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Batches;
using Rollcall.Server.Storage;
using static Rollcall.Server.Tests.Batches.EventTests;

namespace Rollcall.Server.Tests.Batches;

/// <summary>The line that events come over: how long it lives, whose it is, and what ends it. The clock stands still unless the test moves it.</summary>
public sealed class EventLineTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));

    [Fact]
    public async Task A_quiet_line_has_a_comment_now_and_then_and_only_then_is_looked_for_what_nobody_told_of()
    {
        await using var host = await StandingStillAsync();
        var (tenant, job) = await SubmitAsync(host);
        using var reader = await EventReader.OpenAsync(tenant.Key, Address(tenant, job));
        await reader.NextAsync();

        // As another process on the same database would: nothing here hears of it.
        await ExecuteAsync(host, "UPDATE job SET status = 'processing', started_at = 1 WHERE id = @job", new { job });
        var next = reader.NextAsync();
        Assert.Equal("processing", (await tenant.PollAsync(job))["status"]!.GetValue<string>()); // who asks is told
        Assert.False(next.IsCompleted);
        Assert.Equal(0, reader.Comments);

        await MoveUntilAsync(() => next.IsCompleted);
        Assert.Equal("processing", (await next)!.Data["status"]!.GetValue<string>());
        Assert.InRange(reader.Comments, 1, int.MaxValue);

        var comments = reader.Comments;
        next = reader.NextAsync();
        await MoveUntilAsync(() => reader.Comments >= comments + 2);
        Assert.False(next.IsCompleted); // nothing changed, so nothing is told
        await host.WorkAsync();
        Assert.Equal("item", (await next)!.Type);
    }

    [Fact]
    public async Task Polls_that_wait_and_streams_share_five_places_of_a_credential_and_give_them_back()
    {
        await using var host = await StandingStillAsync();
        var (tenant, job) = await SubmitAsync(host);
        var waiting = tenant.Key.GetAsync($"{Address(tenant, job)}?wait=60");
        await Eventually.TrueAsync(() => host.Get<BatchPoll>().Waiting == 1);
        var readers = new List<EventReader>();
        for (var i = 0; i < 4; i++) readers.Add(await EventReader.OpenAsync(tenant.Key, Address(tenant, job, inCollection: i % 2 == 1)));

        using var refused = await EventReader.AskAsync(tenant.Key, Address(tenant, job));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("RATE_LIMIT_EXCEEDED", await refused.ErrorCodeAsync());
        Assert.NotNull(refused.Headers.RetryAfter);
        using var poll = await tenant.Key.GetAsync($"{Address(tenant, job)}?wait=1");
        Assert.Equal(HttpStatusCode.TooManyRequests, poll.StatusCode);
        using var person = await EventReader.OpenAsync(tenant.Bearer, Address(tenant, job)); // another credential

        readers[0].Dispose(); // who goes away leaves its place
        await Eventually.TrueAsync(() => host.Get<BatchPoll>().Waiting == 5);
        readers[0] = await EventReader.OpenAsync(tenant.Key, Address(tenant, job));

        await host.WorkAsync(); // and so does who is told the end
        foreach (var reader in readers.Append(person)) Assert.Equal("done", (await reader.RestAsync())[^1].Type);
        (await waiting).Dispose();
        await Eventually.TrueAsync(() => host.Get<BatchPoll>().Waiting == 0);
        readers.ForEach(reader => reader.Dispose());
    }

    [Theory]
    [InlineData("key", true)]
    [InlineData("key", false)]
    [InlineData("logout", true)]
    [InlineData("logout", false)]
    [InlineData("role", true)]
    [InlineData("role", false)]
    [InlineData("expiry", false)]
    [InlineData("moved", true)]
    [InlineData("moved", false)]
    public async Task Who_loses_access_is_told_nothing_more_and_the_line_ends_within_a_minute(string what, bool withNews)
    {
        await using var host = await StandingStillAsync();
        var (tenant, job) = await SubmitAsync(host);
        var expiry = _time.GetUtcNow().AddSeconds(1);
        using var key = what switch
        {
            "key" => host.ClientWith("X-API-Key", await tenant.CreateKeyAsync(new() { ["scopes"] = new JsonArray("batch") })),
            "expiry" => host.ClientWith("X-API-Key", await tenant.CreateKeyAsync(new() { ["scopes"] = new JsonArray("batch"), ["expires_at"] = $"{expiry:yyyy-MM-dd'T'HH:mm:ss'Z'}" })),
            _ => host.ClientWith("Authorization", $"Bearer {tenant.Token}"),
        };
        var address = Address(tenant, job, inCollection: what == "moved"); // which names no organization
        using var reader = await EventReader.OpenAsync(key, address);
        Assert.Equal("progress", (await reader.NextAsync())!.Type);

        await LoseAsync(host, tenant, what);
        var rest = reader.RestAsync();
        if (withNews) await host.WorkAsync();
        else await MoveUntilAsync(() => rest.IsCompleted);

        Assert.Empty(await rest);
        Assert.InRange(JobEvents.LongestSilence, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        using var again = await EventReader.AskAsync(key, address);
        Assert.Contains(again.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.NotFound });
    }

    [Fact]
    public async Task A_server_that_stops_ends_its_lines_and_does_not_wait_for_them()
    {
        var host = await StandingStillAsync();
        var (tenant, job) = await SubmitAsync(host);
        using var reader = await EventReader.OpenAsync(tenant.Key, Address(tenant, job));
        await reader.NextAsync();

        await host.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20)); // it would wait 25 for a request that goes on

        Assert.Empty(await reader.RestAsync()); // an end, not a break
    }

    [Fact]
    public async Task A_job_that_is_gone_ends_its_lines_without_done()
    {
        await using var host = await StandingStillAsync();
        var (tenant, job) = await SubmitAsync(host);
        using var reader = await EventReader.OpenAsync(tenant.Key, Address(tenant, job));
        var id = (await reader.NextAsync())!.Id;

        await ExecuteAsync(host, "DELETE FROM work WHERE job_id = @job; DELETE FROM job_item WHERE job_id = @job; DELETE FROM job WHERE id = @job", new { job });
        var rest = reader.RestAsync();
        await MoveUntilAsync(() => rest.IsCompleted);

        Assert.Empty(await rest);
        using var again = await EventReader.AskAsync(tenant.Key, Address(tenant, job), id);
        Assert.Equal("BATCH_JOB_NOT_FOUND", await again.ErrorCodeAsync());
    }

    [Fact]
    public async Task When_the_storage_does_not_answer_the_line_ends_and_can_be_gone_on_with()
    {
        await using var host = await StandingStillAsync();
        var (tenant, job) = await SubmitAsync(host);
        using var reader = await EventReader.OpenAsync(tenant.Key, Address(tenant, job));
        var id = (await reader.NextAsync())!.Id;

        await ExecuteAsync(host, "ALTER TABLE job_item RENAME TO elsewhere");
        var rest = reader.RestAsync();
        await MoveUntilAsync(() => rest.IsCompleted);
        Assert.Empty(await rest);

        await ExecuteAsync(host, "ALTER TABLE elsewhere RENAME TO job_item");
        await host.WorkAsync();
        using var again = await EventReader.OpenAsync(tenant.Key, Address(tenant, job), id);
        Assert.Equal("done", (await again.RestAsync())[^1].Type);
    }

    private Task<TestHost> StandingStillAsync() => TestHost.StartAsync(_time, customize: TestHost.WithoutWorker);

    private static async Task<(Tenant Tenant, string Job)> SubmitAsync(TestHost host)
    {
        var tenant = await Tenant.CreateAsync(host.Address);
        return (tenant, (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>());
    }

    private static async Task LoseAsync(TestHost host, Tenant tenant, string what)
    {
        switch (what)
        {
            case "key":
                var keys = $"/api/v1/organizations/{tenant.Organization}/api-keys";
                var all = (await (await tenant.Bearer.GetAsync(keys)).JsonAsync())["data"]!["api_keys"]!.AsArray();
                var another = all.Single(key => key!["name"]!.GetValue<string>() == "another")!["id"]!; // both were made at the same moment
                Assert.Equal(HttpStatusCode.NoContent, (await tenant.Bearer.DeleteAsync($"{keys}/{another}")).StatusCode);
                break;
            case "logout":
                Assert.Equal(HttpStatusCode.NoContent, (await tenant.Bearer.PostAsync("/api/v1/auth/logout", null)).StatusCode);
                break;
            case "role":
                await ExecuteAsync(host, "DELETE FROM member WHERE organization_id = @Organization", new { tenant.Organization });
                break;
            case "moved":
                var other = await Tenant.CreateAsync(host.Address);
                await ExecuteAsync(host, "UPDATE member SET organization_id = @other WHERE organization_id = @Organization", new { other = other.Organization, tenant.Organization });
                break;
        }
    }

    /// <summary>Moves the clock from look to look, and gives each the real moment that it takes.</summary>
    private Task MoveUntilAsync(Func<bool> condition) => Eventually.TrueAsync(async () =>
    {
        _time.Advance(JobEvents.LongestSilence);
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        return condition();
    });

    private static Task ExecuteAsync(TestHost host, string sql, object? parameters = null) =>
        host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, parameters, tx), CancellationToken.None);
}
