using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rollcall.Client.Contracts;
using Rollcall.Server.Accounts;

namespace Rollcall.Server.Tests.Accounts;

/// <summary>An issuer that is asked who has a token: what is lost there ends here within a minute, though the token says otherwise.</summary>
public sealed class UserInfoTests : OpenIdConnectFixture
{
    private const string Ask = "--Accounts:OpenIdConnect:AskUserInfo=true";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_role_that_is_lost_at_the_issuer_ends_within_a_minute_by_whatever_clock()
    {
        using var data = new TestFolder();
        Says(Person(groups: "faces-admins"));
        var organization = await StartWithGrantsAsync(data, Ask);
        var token = AdminsToken();
        var keys = $"organizations/{organization}/api-keys";
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(token, keys));

        Says(Person(groups: "readers"));
        Time.SetBackBy = TimeSpan.FromSeconds(20);
        Time.Advance(UserInfo.KeptFor - Second);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(token, keys));
        Time.Advance(Second);
        await RefusedAsync(token, HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE", keys);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(token, "collections"));

        Says(Person());
        Time.Advance(UserInfo.KeptFor);
        await RefusedAsync(token, HttpStatusCode.NotFound, "NOT_FOUND", "collections");
        await RefusedAsync(token, HttpStatusCode.NotFound, "NOT_FOUND", keys);

        Says(Person(groups: "faces-admins"));
        Time.Advance(UserInfo.KeptFor);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(token, keys));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_token_that_the_issuer_knows_no_more_is_refused_within_a_minute_and_asked_about_once_a_minute(int status)
    {
        Says(Person());
        await StartAsync(null, Ask);
        var token = Provider.Token();
        await MeAsync(token);

        Answers(Results.StatusCode(status));
        Time.Advance(UserInfo.KeptFor);
        for (var i = 0; i < 5; i++) await RefusedAsync(token, HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        Time.Advance(UserInfo.KeptFor - Second);
        await RefusedAsync(token, HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        Assert.Equal(2, Provider.AskedWho);

        Says(Person());
        Time.Advance(Second);
        await MeAsync(token);
    }

    [Theory]
    [InlineData("""{"sub": "bert", "groups": "faces-admins"}""")]
    [InlineData("""{"sub": ["anna"], "groups": "faces-admins"}""")]
    [InlineData("""{"groups": "faces-admins"}""")]
    public async Task An_answer_about_somebody_else_is_none(string answer)
    {
        Says(answer);
        await StartAsync(null, Ask);

        await RefusedAsync(Provider.Token(), HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        Assert.Equal(0, await CountAsync("SELECT COUNT(*) FROM external_identity"));
    }

    [Fact]
    public async Task The_issuer_is_asked_once_a_minute_of_each_token_however_many_requests_there_are()
    {
        var held = new TaskCompletionSource<IResult>();
        Says(Person());
        Provider.Who = () => held.Task;
        await StartAsync(null, Ask);
        var token = Provider.Token();

        var waiting = Enumerable.Range(0, 8).Select(_ => MeAsync(token)).ToList();
        await Provider.AskedWhoAsync(1);
        held.SetResult(Results.Text(Person(), "application/json"));
        await Task.WhenAll(waiting);
        Time.Advance(UserInfo.KeptFor - Second);
        await MeAsync(token);
        Assert.Equal(1, Provider.AskedWho);

        Says(Person("bert"));
        await MeAsync(Provider.Token("bert"));
        await RefusedAsync(Provider.Token("bert", claims => claims["aud"] = "another"), HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        Assert.Equal(2, Provider.AskedWho);
    }

    [Theory]
    [InlineData("fails")]
    [InlineData("is gone")]
    [InlineData("hangs")]
    [InlineData("sends elsewhere")]
    [InlineData("has a page for it")]
    [InlineData("is ambiguous")]
    [InlineData("says nobody")]
    [InlineData("says too much")]
    public async Task Without_an_answer_the_last_one_counts_for_its_minute_and_then_the_token_is_told_to_come_again(string what)
    {
        Log = new WatchedLog(1212);
        Says(Person());
        await StartAsync(null, Ask);
        var tenant = await Tenant.CreateAsync(Host.Address);
        var token = Provider.Token();
        await MeAsync(token);
        var held = new TaskCompletionSource<IResult>();
        if (what == "is gone") await Provider.DisposeAsync();
        else if (what == "hangs") Provider.Who = () => held.Task;
        else Answers(Broken(what));

        Time.Advance(UserInfo.KeptFor - Second);
        await MeAsync(token);
        Time.Advance(Second);
        using var client = ClientOf(token);
        var waiting = client.GetAsync("/api/v1/me");
        if (what == "hangs")
        {
            await Provider.AskedWhoAsync(2);
            Assert.False(waiting.IsCompleted);
            Time.Advance(Issuer.AnswersWithin);
        }

        using var answer = await waiting;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "SERVICE_BUSY"), (answer.StatusCode, await answer.ErrorCodeAsync()));
        Assert.Equal(Issuer.AskedAtMostEvery, answer.Headers.RetryAfter!.Delta);
        await RefusedAsync(token, HttpStatusCode.ServiceUnavailable, "SERVICE_BUSY");
        Assert.Single(Log.Lines);
        Assert.DoesNotContain("anna", Log.Lines[0], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await tenant.Bearer.GetAsync("/api/v1/collections")).StatusCode);
        held.TrySetResult(Results.Empty);
        if (what == "is gone") return;

        Assert.Equal(2, Provider.AskedWho);
        Says(Person());
        Time.Advance(Issuer.AskedAtMostEvery);
        await MeAsync(token);
    }

    [Theory]
    [InlineData(1212, "an endpoint on another machine without TLS")]
    [InlineData(1213, "an answer that is signed")]
    [InlineData(1214, "no endpoint")]
    public async Task An_issuer_that_cannot_be_asked_is_told_to_the_operator(int log, string what)
    {
        Log = new WatchedLog(log);
        Says(Person());
        if (log == 1212) Provider.WhoAddress = "http://accounts.example.com/userinfo";
        if (log == 1213) Answers(Results.Text(Provider.Token(), "application/jwt"));
        if (log == 1214) Provider.WhoAddress = null;
        await StartAsync(null, Ask);

        await RefusedAsync(Provider.Token(), HttpStatusCode.ServiceUnavailable, "SERVICE_BUSY");
        await RefusedAsync(Provider.Token("bert"), HttpStatusCode.ServiceUnavailable, "SERVICE_BUSY");
        Assert.True(Log.Lines.Count == 1, what);
        Assert.Contains(Provider.Address, Log.Lines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"faces-admins\"", "faces-admins")]
    [InlineData("7", "7")]
    [InlineData("true", "true")]
    [InlineData("""["staff", "faces-admins"]""", "faces-admins")]
    [InlineData("[6, 7]", "7")]
    [InlineData("\"Faces-Admins\"", null)]
    [InlineData("""["faces-admins-not"]""", null)]
    [InlineData("""{"faces-admins": true}""", null)]
    [InlineData("null", null)]
    public async Task A_claim_counts_in_the_answer_as_it_does_in_the_token(string claim, string? value)
    {
        using var data = new TestFolder();
        var organization = await OrganizationAsync(data);
        var token = Provider.Token(claims: claims => claims["groups"] = JsonNode.Parse(claim));
        var bySettings = GrantOf(0, "groups", value ?? "faces-admins", organization, "viewer");
        await StartAsync(data.Path, bySettings);
        var status = await StatusAsync(token, "collections");
        Assert.Equal(0, Provider.AskedWho);
        await Host.DisposeAsync();

        Says($$"""{"sub": "anna", "groups": {{claim}}}""");
        await StartAsync(data.Path, [.. bySettings, Ask]);
        Assert.Equal(value is null ? HttpStatusCode.NotFound : HttpStatusCode.OK, await StatusAsync(Provider.Token(), "collections"));
        Assert.Equal(status, await StatusAsync(Provider.Token(), "collections"));
        Assert.Equal(1, Provider.AskedWho);
    }

    [Fact]
    public async Task Unless_it_is_switched_on_nobody_is_asked_and_the_token_counts()
    {
        using var data = new TestFolder();
        Says(Person());
        await StartWithGrantsAsync(data);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(AdminsToken(), "collections"));
        Assert.Equal(0, Provider.AskedWho);
    }

    [Fact]
    public async Task What_is_known_of_tokens_is_forgotten_in_time_and_has_a_bound()
    {
        await StartAsync(null, Ask);
        var info = Host.Get<UserInfo>();
        for (var i = 0; i < UserInfo.MostTokens + 3; i++)
        {
            var answer = await info.AskAsync("http://accounts.example.com/userinfo", "token", $"hash {i}", "anna", CancellationToken.None);
            Assert.True(answer.IsRefused(out var problem, out _));
            Assert.Equal(ErrorCodes.ServiceBusy, problem.Code);
        }

        Assert.Equal(UserInfo.MostTokens, info.Entries);
        Time.Advance(UserInfo.KeptFor);
        Says(Person());
        await info.AskAsync(Provider.WhoAddress, "token", "another", "anna", CancellationToken.None);
        Assert.Equal(1, info.Entries);
    }

    private static IResult Broken(string what) => what switch
    {
        "fails" => Results.StatusCode(500),
        "sends elsewhere" => Results.Redirect("/userinfo?again"),
        "has a page for it" => Results.Text("<html>Log in</html>", "text/html"),
        "is ambiguous" => Results.Text("""{"sub": "bert", "sub": "anna"}""", "application/json"),
        "says nobody" => Results.Text("null", "application/json"),
        "says too much" => Results.Text($$"""{"sub": "anna", "more": "{{new string('x', 1024 * 1024)}}"}""", "application/json"),
        _ => throw new ArgumentException(what),
    };

    private static string Person(string subject = "anna", string? groups = null) =>
        new JsonObject { ["sub"] = subject, ["groups"] = groups is null ? new JsonArray() : new JsonArray(groups) }.ToJsonString();

    private string AdminsToken() => Provider.Token(claims: claims => claims["groups"] = new JsonArray("faces-admins"));

    private void Says(string person) => Answers(Results.Text(person, "application/json"));

    private void Answers(IResult answer)
    {
        Provider.WhoAddress = $"{Provider.Address}/userinfo";
        Provider.Who = () => Task.FromResult(answer);
    }

    private async Task<string> StartWithGrantsAsync(TestFolder data, params string[] args)
    {
        var organization = await OrganizationAsync(data);
        await StartAsync(data.Path, [.. GrantOf(0, "groups", "faces-admins", organization, "admin"), .. GrantOf(1, "groups", "readers", organization, "viewer"), .. args]);
        return organization;
    }

    private async Task<string> OrganizationAsync(TestFolder data)
    {
        await using var host = await TestHost.StartAsync(Time, data.Path);
        return (await Tenant.CreateAsync(host.Address)).Organization;
    }

    private async Task<HttpStatusCode> StatusAsync(string token, string path)
    {
        using var client = ClientOf(token);
        using var answer = await client.GetAsync($"/api/v1/{path}");
        return answer.StatusCode;
    }
}
