using System.Net;
using Microsoft.Extensions.Options;
using Rollcall.Server.Accounts;

namespace Rollcall.Server.Tests.Accounts;

/// <summary>What the server asks of the issuer, when, and what it does without an answer.</summary>
public sealed class IssuerTests : OpenIdConnectFixture
{
    [Fact]
    public async Task A_new_key_is_taken_from_its_first_token_on_and_an_old_one_is_refused_an_hour_after_it_is_gone()
    {
        await StartAsync();
        var old = Provider.Keys[0];
        await MeAsync(Provider.Token());

        Time.Advance(Issuer.AskedAtMostEvery);
        using var added = new TestIssuer.Key("second");
        Provider.Keys.Add(added);
        await MeAsync(Provider.Token(key: added));
        Assert.Equal(2, Provider.Asked);

        Provider.Keys.Remove(old);
        await MeAsync(Provider.Token(key: old));
        Time.Advance(Issuer.KeptFor);
        await RefusedAsync(Provider.Token(key: old), HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        await MeAsync(Provider.Token(key: added));
        old.Dispose();
    }

    [Fact]
    public async Task However_many_tokens_name_keys_that_nobody_knows_theProvider_is_asked_now_and_then()
    {
        await StartAsync();
        await MeAsync(Provider.Token());
        Time.Advance(Issuer.AskedAtMostEvery);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using var unknown = new TestIssuer.Key($"unknown{i}");
            await RefusedAsync(Provider.Token(key: unknown), HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        }));
        await RefusedAsync(Provider.Token(claims: claims => claims["iss"] = "https://accounts.example.com"), HttpStatusCode.Unauthorized, "TOKEN_INVALID");

        Assert.Equal(2, Provider.Asked);
    }

    [Fact]
    public async Task While_theProvider_is_silent_its_tokens_are_told_to_come_again_and_others_go_on()
    {
        Provider.Broken = true;
        await StartAsync();
        var tenant = await Tenant.CreateAsync(Host.Address);
        var token = Provider.Token();

        using (var client = ClientOf(token))
        using (var answer = await client.GetAsync("/api/v1/me"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("SERVICE_BUSY", await answer.ErrorCodeAsync());
            Assert.Equal(Issuer.AskedAtMostEvery, answer.Headers.RetryAfter!.Delta);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.PostAsync("/api/v1/auth/logout", null)).StatusCode);
        }

        Assert.Equal(1, Provider.Asked);
        foreach (var own in new[] { tenant.Key, tenant.Bearer }) Assert.Equal(HttpStatusCode.OK, (await own.GetAsync("/api/v1/collections")).StatusCode);

        Provider.Broken = false;
        Time.Advance(Issuer.AskedAtMostEvery);
        await MeAsync(token);
    }

    [Fact]
    public async Task While_one_request_waits_for_an_issuer_that_hangs_the_others_go_by_the_keys_that_are_known()
    {
        await StartAsync();
        await MeAsync(Provider.Token());
        Provider.Hang();
        Time.Advance(Issuer.KeptFor);
        var (one, other) = (Provider.Token(), Provider.Token("bert"));

        var waiting = MeAsync(one);
        await Provider.AskedAsync(2);
        await MeAsync(other);
        await MeAsync(Provider.Token(header: header => header["kid"] = null));
        Assert.False(waiting.IsCompleted);

        Time.Advance(Issuer.AnswersWithin);
        await waiting;
        Assert.Equal(2, Provider.Asked);
    }

    [Fact]
    public async Task What_the_clock_on_the_wall_says_does_not_keep_the_issuer_from_being_asked_nor_an_old_key_alive()
    {
        await StartAsync();
        await MeAsync(Provider.Token());
        var old = Provider.Keys[0];
        using var added = new TestIssuer.Key("second");
        Provider.Keys.Add(added);

        Time.SetBackBy = TimeSpan.FromDays(2);
        Time.Advance(Issuer.AskedAtMostEvery);
        await MeAsync(Provider.Token(key: added));

        Provider.Keys.Remove(old);
        Time.SetBackBy = TimeSpan.FromDays(4);
        Time.Advance(Issuer.KeptFor);
        await RefusedAsync(Provider.Token(key: old), HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        old.Dispose();
    }

    [Fact]
    public async Task Keys_that_are_known_are_gone_by_for_a_day_of_silence()
    {
        await StartAsync();
        await MeAsync(Provider.Token());
        Provider.Broken = true;

        Time.Advance(Issuer.KeptInSilenceFor - TimeSpan.FromSeconds(1));
        await MeAsync(Provider.Token());
        Time.Advance(TimeSpan.FromSeconds(1));
        await RefusedAsync(Provider.Token(), HttpStatusCode.ServiceUnavailable, "SERVICE_BUSY");
    }

    [Theory]
    [InlineData("nobody listens")]
    [InlineData("another name")]
    [InlineData("no keys")]
    public async Task AnProvider_that_is_none_is_an_outage_and_no_fault(string what)
    {
        await StartAsync();
        var token = Provider.Token();
        if (what == "another name") Provider.Name = "https://accounts.example.com";
        if (what == "no keys") Provider.Keys.Clear();
        if (what == "nobody listens") await Provider.DisposeAsync();

        await RefusedAsync(token, HttpStatusCode.ServiceUnavailable, "SERVICE_BUSY");
    }

    [Fact]
    public async Task Without_anProvider_in_the_settings_there_is_none()
    {
        await StartWithoutIssuerAsync();

        await RefusedAsync(Provider.Token(), HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        Assert.Equal(0, Provider.Asked);
    }

    [Theory]
    [InlineData("--Accounts:OpenIdConnect:Audience=x")]
    [InlineData("--Accounts:OpenIdConnect:Authority=https://accounts.example.com")]
    [InlineData("--Accounts:OpenIdConnect:Authority=http://accounts.example.com", "--Accounts:OpenIdConnect:Audience=x")]
    [InlineData("--Accounts:OpenIdConnect:Authority=accounts.example.com", "--Accounts:OpenIdConnect:Audience=x")]
    [InlineData("--Accounts:OpenIdConnect:Authority=https://accounts.example.com", "--Accounts:OpenIdConnect:Audience=x", "--Accounts:OpenIdConnect:MaxTokenAge=00:00:10")]
    [InlineData("--Accounts:OpenIdConnect:Authority=https://accounts.example.com", "--Accounts:OpenIdConnect:Audience=x", "--Accounts:OpenIdConnect:Grants:0:Claim=groups")]
    public async Task Settings_that_cannot_be_stop_the_start(params string[] args) =>
        await Assert.ThrowsAsync<OptionsValidationException>(() => TestHost.StartAsync(args: args));

    [Fact]
    public async Task Another_machine_may_be_asked_without_TLS_when_the_settings_say_so()
    {
        await using var host = await TestHost.StartAsync(
            args: ["--Accounts:OpenIdConnect:Authority=http://accounts.internal", "--Accounts:OpenIdConnect:Audience=x", "--Accounts:OpenIdConnect:RequireHttps=false"]);

        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("/healthz")).StatusCode);
    }
}
