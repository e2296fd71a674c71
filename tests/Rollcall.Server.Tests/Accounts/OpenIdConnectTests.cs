using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Numerics;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using Rollcall.Server.Accounts;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Accounts;

public sealed class OpenIdConnectTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private TestIssuer _issuer = null!;
    private TestHost? _host;

    private TestHost Host => _host!;

    public async ValueTask InitializeAsync() => _issuer = await TestIssuer.StartAsync(_time);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task Who_the_issuer_knows_has_an_account_from_the_first_token_on_and_the_memberships_that_it_is_given_here()
    {
        await StartAsync();
        var (one, other) = (await Tenant.CreateAsync(Host.Address), await Tenant.CreateAsync(Host.Address));

        var me = await MeAsync(_issuer.Token());
        var id = me["user"]!["id"]!.GetValue<string>();
        Assert.StartsWith("user_", id, StringComparison.Ordinal);
        Assert.Equal("anna@example.com", me["user"]!["email"]!.GetValue<string>());
        Assert.Empty(me["organizations"]!.AsArray());
        await RefusedAsync(_issuer.Token(), HttpStatusCode.NotFound, "NOT_FOUND", "collections");

        await JoinAsync(id, one.Organization, "viewer");
        await JoinAsync(id, other.Organization, "admin");
        _time.Advance(TimeSpan.FromSeconds(1));
        var later = await MeAsync(_issuer.Token());
        Assert.Equal(id, later["user"]!["id"]!.GetValue<string>());
        Assert.Equal(2, later["organizations"]!.AsArray().Count);
        Assert.NotEqual(id, (await MeAsync(_issuer.Token("bert")))["user"]!["id"]!.GetValue<string>());

        await RefusedAsync(_issuer.Token(), HttpStatusCode.BadRequest, "INVALID_REQUEST", "collections");
        using var client = ClientOf(_issuer.Token());
        client.DefaultRequestHeaders.Add("X-Organization-Id", other.Organization);
        Assert.Equal(HttpStatusCode.Created, (await client.PostAsJsonAsync("/api/v1/collections", new JsonObject { ["name"] = "x" })).StatusCode);
        client.DefaultRequestHeaders.Remove("X-Organization-Id");
        client.DefaultRequestHeaders.Add("X-Organization-Id", one.Organization);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/collections")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsJsonAsync("/api/v1/collections", new JsonObject { ["name"] = "x" })).StatusCode);

        await ExecuteAsync("DELETE FROM member WHERE account_id = @id", new { id });
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/v1/collections")).StatusCode);
    }

    [Fact]
    public async Task Of_many_first_requests_at_once_one_makes_the_account()
    {
        await StartAsync();
        var token = _issuer.Token();

        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await MeAsync(token))["user"]!["id"]!.GetValue<string>()));

        Assert.Single(ids.Distinct());
        Assert.Equal(1, _issuer.Asked);
    }

    [Fact]
    public async Task An_address_never_leads_to_an_account_that_is_here_already_nor_the_other_way_round()
    {
        await StartAsync();
        var registration = new JsonObject { ["email"] = "anna@example.com", ["password"] = "correct horse battery", ["organization_name"] = "Example" };
        using var registered = await Host.Http.PostAsJsonAsync("/api/v1/auth/register", registration);
        var own = (await registered.JsonAsync())["data"]!["user"]!["id"]!.GetValue<string>();

        var me = await MeAsync(_issuer.Token(claims: claims => claims["email_verified"] = true));
        Assert.NotEqual(own, me["user"]!["id"]!.GetValue<string>());
        Assert.Empty(me["organizations"]!.AsArray());

        // Who came from the issuer first does not hold the address, and has no password, not even an empty one.
        await MeAsync(_issuer.Token("bert"));
        foreach (var login in new[] { "bert@example.com", (await MeAsync(_issuer.Token("bert")))["user"]!["id"]!.GetValue<string>() })
        {
            using var refused = await Host.Http.PostAsJsonAsync("/api/v1/auth/login", new JsonObject { ["email"] = login, ["password"] = "" });
            Assert.Equal("INVALID_CREDENTIALS", await refused.ErrorCodeAsync());
        }

        registration["email"] = "bert@example.com";
        Assert.Equal(HttpStatusCode.Created, (await Host.Http.PostAsJsonAsync("/api/v1/auth/register", registration)).StatusCode);
    }

    [Fact]
    public async Task A_claim_brings_the_role_that_the_settings_give_it_for_as_long_as_the_token_says_so()
    {
        using var data = new TestFolder();
        string organization;
        await using (var before = await TestHost.StartAsync(_time, data.Path)) organization = (await Tenant.CreateAsync(before.Address)).Organization;
        await StartAsync(
            data.Path,
            [.. GrantOf(0, "groups", "faces-admins", organization, "admin"), .. GrantOf(1, "department", "IT", organization, "viewer"), .. GrantOf(2, "groups", "others", "org_unknown", "owner")]);
        var admin = _issuer.Token(claims: claims => claims["groups"] = new JsonArray("staff", "faces-admins", "others"));
        var viewer = _issuer.Token(claims: claims => claims["department"] = "IT");
        var both = _issuer.Token(claims: claims => (claims["groups"], claims["department"]) = ("faces-admins", "IT"));

        Assert.Equal("admin", await RoleAsync(admin));
        Assert.Equal("viewer", await RoleAsync(viewer));
        Assert.Equal("admin", await RoleAsync(both));
        Assert.Null(await RoleAsync(_issuer.Token(claims: claims => claims["groups"] = new JsonArray("Faces-Admins", "faces-admins-not"))));
        await RefusedAsync(_issuer.Token(), HttpStatusCode.NotFound, "NOT_FOUND", "collections");
        await RefusedAsync(viewer, HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE", $"organizations/{organization}/api-keys");
        using var client = ClientOf(admin);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"/api/v1/organizations/{organization}/api-keys")).StatusCode);

        var me = await MeAsync(viewer);
        await JoinAsync(me["user"]!["id"]!.GetValue<string>(), organization, "member");
        Assert.Equal("member", await RoleAsync(viewer));
        Assert.Equal("admin", await RoleAsync(admin));
        await ExecuteAsync("DELETE FROM member WHERE account_id = @id AND role = 'member'", new { id = me["user"]!["id"]!.GetValue<string>() });
        Assert.Equal("viewer", await RoleAsync(viewer)); // nothing of it was kept

        async Task<string?> RoleAsync(string token) => (await MeAsync(token))["organizations"]!.AsArray().SingleOrDefault()?["role"]!.GetValue<string>();
    }

    [Theory]
    [InlineData("org")]
    [InlineData("key")]
    [InlineData("scope")]
    [InlineData("collection")]
    [InlineData("sid")]
    [InlineData("grant")]
    public async Task A_claim_of_the_issuer_is_none_of_ours(string claim)
    {
        await StartAsync();
        var tenant = await Tenant.CreateAsync(Host.Address);

        var token = _issuer.Token(claims: claims => (claims[claim], claims["org"]) = (claim == "grant" ? $"Owner {tenant.Organization}" : "batch", tenant.Organization));

        await RefusedAsync(token, HttpStatusCode.NotFound, "NOT_FOUND", $"organizations/{tenant.Organization}/batch");
        Assert.Empty((await MeAsync(token))["organizations"]!.AsArray());
    }

    public static TheoryData<string, string> BadTokens => new()
    {
        { "audience", "TOKEN_INVALID" },
        { "no audience", "TOKEN_INVALID" },
        { "issuer", "TOKEN_INVALID" },
        { "expired", "TOKEN_EXPIRED" },
        { "expired and of another key", "TOKEN_INVALID" },
        { "no expiry", "TOKEN_INVALID" },
        { "not yet", "TOKEN_INVALID" },
        { "issued later", "TOKEN_INVALID" },
        { "no time of issue", "TOKEN_INVALID" },
        { "too old", "TOKEN_EXPIRED" },
        { "other key", "TOKEN_INVALID" },
        { "other key of the same name", "TOKEN_INVALID" },
        { "changed", "TOKEN_INVALID" },
        { "none", "TOKEN_INVALID" },
        { "none with a signature", "TOKEN_INVALID" },
        { "shared secret", "TOKEN_INVALID" },
        { "no subject", "TOKEN_INVALID" },
        { "empty subject", "TOKEN_INVALID" },
        { "long subject", "TOKEN_INVALID" },
        { "control character", "TOKEN_INVALID" },
        { "logout token", "TOKEN_INVALID" },
        { "logout token without a type of its own", "TOKEN_INVALID" },
        { "own issuer", "TOKEN_INVALID" },
        { "time that is none", "TOKEN_INVALID" },
        { "time out of range", "TOKEN_INVALID" },
        { "subject that is an object", "TOKEN_INVALID" },
        { "no signature", "TOKEN_INVALID" },
    };

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task A_token_that_is_not_good_is_refused(string what, string code)
    {
        await StartAsync();
        using var stranger = new TestIssuer.Key("first");
        using var unknown = new TestIssuer.Key("unknown");
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        var token = what switch
        {
            "audience" => _issuer.Token(claims: claims => claims["aud"] = "another"),
            "no audience" => _issuer.Token(claims: claims => claims["aud"] = null),
            "issuer" => _issuer.Token(claims: claims => claims["iss"] = "https://accounts.example.com"),
            "expired" => _issuer.Token(claims: claims => claims["exp"] = now - 30),
            "expired and of another key" => _issuer.Token(key: stranger, claims: claims => claims["exp"] = now - 30),
            "no expiry" => _issuer.Token(claims: claims => claims["exp"] = null),
            "not yet" => _issuer.Token(claims: claims => claims["nbf"] = now + 31),
            "issued later" => _issuer.Token(claims: claims => claims["iat"] = now + 31),
            "no time of issue" => _issuer.Token(claims: claims => claims["iat"] = null),
            "too old" => _issuer.Token(claims: claims => claims["iat"] = now - 3600),
            "other key" => _issuer.Token(key: unknown),
            "other key of the same name" => _issuer.Token(key: stranger),
            "changed" => Changed(_issuer.Token()),
            "none" => _issuer.Token(header: header => header["alg"] = "none"),
            "none with a signature" => _issuer.Token().Split('.') is [_, var body, var signature] ? $"eyJhbGciOiJub25lIn0.{body}.{signature}" : "",
            "shared secret" => _issuer.Token(header: header => header["alg"] = "HS256"),
            "no subject" => _issuer.Token(claims: claims => claims["sub"] = null),
            "empty subject" => _issuer.Token(""),
            "long subject" => _issuer.Token(new string('a', 256)),
            "control character" => _issuer.Token("a\nb"),
            "logout token" => _issuer.Token(header: header => header["typ"] = "logout+jwt"),
            "logout token without a type of its own" => _issuer.Token(claims: claims => claims["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() }),
            "own issuer" => _issuer.Token(claims: claims => (claims["iss"], claims["aud"], claims["sid"]) = ("rollcall", "rollcall", "session_x")),
            "time that is none" => _issuer.Token(claims: claims => claims["iat"] = "yesterday"),
            "time out of range" => _issuer.Token(claims: claims => claims["exp"] = 1e300),
            "subject that is an object" => _issuer.Token(claims: claims => claims["sub"] = new JsonObject { ["a"] = new JsonArray(1) }),
            "no signature" => _issuer.Token()[..^10],
            _ => throw new ArgumentException(what),
        };

        await RefusedAsync(token, HttpStatusCode.Unauthorized, code);
        Assert.Equal(0, await CountAsync("SELECT COUNT(*) FROM external_identity"));

        static string Changed(string token) => token.Split('.') is [var head, var body, var signature]
            ? $"{head}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(body).Replace("anna", "bert", StringComparison.Ordinal))}.{signature}"
            : "";
    }

    [Fact]
    public async Task Clocks_may_differ_by_half_a_minute_and_signatures_may_be_of_another_kind()
    {
        await StartAsync();
        var now = _time.GetUtcNow().ToUnixTimeSeconds();

        await MeAsync(_issuer.Token(claims: claims => claims["exp"] = now - 29));
        await MeAsync(_issuer.Token(claims: claims => (claims["nbf"], claims["iat"]) = (now + 30, now + 30)));
        await MeAsync(_issuer.Token(claims: claims => claims["iat"] = now - 3599));
        await MeAsync(_issuer.Token(claims: claims => claims["aud"] = new JsonArray("another", TestIssuer.Audience)));
        await MeAsync(_issuer.Token(header: header => header["alg"] = "PS256"));
        await MeAsync(_issuer.Token(header: header => header["kid"] = null));
        await MeAsync(_issuer.Token(header: header => header["typ"] = null));
    }

    [Fact]
    public async Task A_new_key_is_taken_from_its_first_token_on_and_an_old_one_is_refused_an_hour_after_it_is_gone()
    {
        await StartAsync();
        var old = _issuer.Keys[0];
        await MeAsync(_issuer.Token());

        _time.Advance(Issuer.AskedAtMostEvery);
        using var added = new TestIssuer.Key("second");
        _issuer.Keys.Add(added);
        await MeAsync(_issuer.Token(key: added));
        Assert.Equal(2, _issuer.Asked);

        _issuer.Keys.Remove(old);
        await MeAsync(_issuer.Token(key: old));
        _time.Advance(Issuer.KeptFor);
        await RefusedAsync(_issuer.Token(key: old), HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        await MeAsync(_issuer.Token(key: added));
        old.Dispose();
    }

    [Fact]
    public async Task However_many_tokens_name_keys_that_nobody_knows_the_issuer_is_asked_now_and_then()
    {
        await StartAsync();
        await MeAsync(_issuer.Token());
        _time.Advance(Issuer.AskedAtMostEvery);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using var unknown = new TestIssuer.Key($"unknown{i}");
            await RefusedAsync(_issuer.Token(key: unknown), HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        }));
        await RefusedAsync(_issuer.Token(claims: claims => claims["iss"] = "https://accounts.example.com"), HttpStatusCode.Unauthorized, "TOKEN_INVALID");

        Assert.Equal(2, _issuer.Asked);
    }

    [Fact]
    public async Task While_the_issuer_is_silent_its_tokens_are_told_to_come_again_and_others_go_on()
    {
        _issuer.Broken = true;
        await StartAsync();
        var tenant = await Tenant.CreateAsync(Host.Address);
        var token = _issuer.Token();

        using (var client = ClientOf(token))
        using (var answer = await client.GetAsync("/api/v1/me"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("SERVICE_BUSY", await answer.ErrorCodeAsync());
            Assert.Equal(Issuer.AskedAtMostEvery, answer.Headers.RetryAfter!.Delta);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.PostAsync("/api/v1/auth/logout", null)).StatusCode);
        }

        Assert.Equal(1, _issuer.Asked);
        foreach (var own in new[] { tenant.Key, tenant.Bearer }) Assert.Equal(HttpStatusCode.OK, (await own.GetAsync("/api/v1/collections")).StatusCode);

        _issuer.Broken = false;
        _time.Advance(Issuer.AskedAtMostEvery);
        await MeAsync(token);
    }

    [Fact]
    public async Task Keys_that_are_known_are_gone_by_for_a_day_of_silence()
    {
        await StartAsync();
        await MeAsync(_issuer.Token());
        _issuer.Broken = true;

        _time.Advance(Issuer.KeptInSilenceFor - TimeSpan.FromSeconds(1));
        await MeAsync(_issuer.Token());
        _time.Advance(TimeSpan.FromSeconds(1));
        await RefusedAsync(_issuer.Token(), HttpStatusCode.ServiceUnavailable, "SERVICE_BUSY");
    }

    [Theory]
    [InlineData("nobody listens")]
    [InlineData("another name")]
    [InlineData("no keys")]
    public async Task An_issuer_that_is_none_is_an_outage_and_no_fault(string what)
    {
        await StartAsync();
        var token = _issuer.Token();
        if (what == "another name") _issuer.Name = "https://accounts.example.com";
        if (what == "no keys") _issuer.Keys.Clear();
        if (what == "nobody listens") await _issuer.DisposeAsync();

        await RefusedAsync(token, HttpStatusCode.ServiceUnavailable, "SERVICE_BUSY");
    }

    [Fact]
    public async Task A_token_that_was_logged_out_is_refused_with_another_signature_and_after_a_restart_too()
    {
        using var data = new TestFolder();
        await StartAsync(data.Path);
        var token = _issuer.Token(header: header => (header["alg"], header["kid"]) = ("ES256", "first-curve"));
        _time.Advance(TimeSpan.FromSeconds(1));
        var another = _issuer.Token();
        var twin = WithTwinSignature(token);
        Assert.NotEqual(token, twin);
        await MeAsync(twin);
        using (var client = ClientOf(token)) Assert.Equal(HttpStatusCode.NoContent, (await client.PostAsync("/api/v1/auth/logout", null)).StatusCode);

        await RefusedAsync(token, HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        await RefusedAsync(twin, HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        await MeAsync(another);

        await Host.DisposeAsync();
        await StartAsync(data.Path);
        await RefusedAsync(token, HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        await Host.Get<SessionRetention>().PurgeAsync(CancellationToken.None);
        Assert.Equal(1, await CountAsync("SELECT COUNT(*) FROM refused_token"));
        _time.Advance(TimeSpan.FromSeconds(600 + 30));
        await Host.Get<SessionRetention>().PurgeAsync(CancellationToken.None);
        Assert.Equal(0, await CountAsync("SELECT COUNT(*) FROM refused_token"));
        await RefusedAsync(token, HttpStatusCode.Unauthorized, "TOKEN_EXPIRED");
    }

    /// <summary>Where (r, s) is a signature on the curve so is (r, order - s), and anybody can work it out.</summary>
    private static string WithTwinSignature(string token)
    {
        var order = BigInteger.Parse("00FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var end = token.LastIndexOf('.') + 1;
        var signature = Base64UrlEncoder.DecodeBytes(token[end..]);
        var twin = (order - new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true)).ToByteArray(isUnsigned: true, isBigEndian: true);
        signature.AsSpan(32).Clear();
        twin.CopyTo(signature, signature.Length - twin.Length);
        return token[..end] + Base64UrlEncoder.Encode(signature);
    }

    [Fact]
    public async Task A_token_is_good_for_no_longer_than_the_settings_say()
    {
        await StartAsync(null, "--Accounts:OpenIdConnect:MaxTokenAge=00:05:00");
        var token = _issuer.Token();

        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        await MeAsync(token);
        _time.Advance(TimeSpan.FromSeconds(1));
        await RefusedAsync(token, HttpStatusCode.Unauthorized, "TOKEN_EXPIRED");
    }

    [Fact]
    public async Task Without_an_issuer_in_the_settings_there_is_none()
    {
        _host = await TestHost.StartAsync(_time);

        await RefusedAsync(_issuer.Token(), HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        Assert.Equal(0, _issuer.Asked);
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

    private static string[] GrantOf(int index, string claim, string value, string organization, string role)
    {
        var grant = $"--Accounts:OpenIdConnect:Grants:{index}";
        return [$"{grant}:Claim={claim}", $"{grant}:Value={value}", $"{grant}:Organization={organization}", $"{grant}:Role={role}"];
    }

    private async Task StartAsync(string? data = null, params string[] args) => _host = await TestHost.StartAsync(_time, data, args: [.. _issuer.Settings, .. args]);

    private HttpClient ClientOf(string token) => Host.ClientWith("Authorization", $"Bearer {token}");

    private async Task<JsonObject> MeAsync(string token)
    {
        using var client = ClientOf(token);
        using var answer = await client.GetAsync("/api/v1/me");
        var body = await answer.JsonAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body.ToJsonString());
        return body["data"]!.AsObject();
    }

    private async Task RefusedAsync(string token, HttpStatusCode status, string code, string path = "me")
    {
        using var client = ClientOf(token);
        using var answer = await client.GetAsync($"/api/v1/{path}");
        Assert.Equal((status, code), (answer.StatusCode, await answer.ErrorCodeAsync()));
    }

    private Task JoinAsync(string account, string organization, string role) => ExecuteAsync(
        "INSERT INTO member (account_id, organization_id, role, created_at) VALUES (@account, @organization, @role, 0)", new { account, organization, role });

    private Task ExecuteAsync(string sql, object parameters) =>
        Host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, parameters, tx), CancellationToken.None);

    private Task<long> CountAsync(string sql) =>
        Host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>(sql, null, tx), CancellationToken.None);
}
