using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Rollcall.Server.Accounts;

namespace Rollcall.Server.Tests.Accounts;

/// <summary>Which tokens of the issuer are good, and for how long.</summary>
public sealed class ExternalTokenTests : OpenIdConnectFixture
{
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
        { "shared secret that the issuer publishes", "TOKEN_INVALID" },
        { "algorithm that is not on the list", "TOKEN_INVALID" },
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
        var now = Time.GetUtcNow().ToUnixTimeSeconds();
        var token = what switch
        {
            "audience" => Provider.Token(claims: claims => claims["aud"] = "another"),
            "no audience" => Provider.Token(claims: claims => claims["aud"] = null),
            "issuer" => Provider.Token(claims: claims => claims["iss"] = "https://accounts.example.com"),
            "expired" => Provider.Token(claims: claims => claims["exp"] = now - 30),
            "expired and of another key" => Provider.Token(key: stranger, claims: claims => claims["exp"] = now - 30),
            "no expiry" => Provider.Token(claims: claims => claims["exp"] = null),
            "not yet" => Provider.Token(claims: claims => claims["nbf"] = now + 31),
            "issued later" => Provider.Token(claims: claims => claims["iat"] = now + 31),
            "no time of issue" => Provider.Token(claims: claims => claims["iat"] = null),
            "too old" => Provider.Token(claims: claims => claims["iat"] = now - 600),
            "other key" => Provider.Token(key: unknown),
            "other key of the same name" => Provider.Token(key: stranger),
            "changed" => Changed(Provider.Token()),
            "none" => Provider.Token(header: header => header["alg"] = "none"),
            "none with a signature" => Provider.Token().Split('.') is [_, var body, var signature] ? $"eyJhbGciOiJub25lIn0.{body}.{signature}" : "",
            "shared secret" => Provider.Token(header: header => header["alg"] = "HS256"),
            "shared secret that the issuer publishes" => Provider.Token(header: header => (header["alg"], header["kid"]) = ("HS256", "first-secret")),
            "algorithm that is not on the list" => Provider.Token(header: header => header["alg"] = SecurityAlgorithms.RsaSha256Signature),
            "no subject" => Provider.Token(claims: claims => claims["sub"] = null),
            "empty subject" => Provider.Token(""),
            "long subject" => Provider.Token(new string('a', 256)),
            "control character" => Provider.Token("a\nb"),
            "logout token" => Provider.Token(header: header => header["typ"] = "logout+jwt"),
            "logout token without a type of its own" => Provider.Token(claims: claims => claims["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() }),
            "own issuer" => Provider.Token(claims: claims => (claims["iss"], claims["aud"], claims["sid"]) = ("rollcall", "rollcall", "session_x")),
            "time that is none" => Provider.Token(claims: claims => claims["iat"] = "yesterday"),
            "time out of range" => Provider.Token(claims: claims => claims["exp"] = 1e300),
            "subject that is an object" => Provider.Token(claims: claims => claims["sub"] = new JsonObject { ["a"] = new JsonArray(1) }),
            "no signature" => Provider.Token()[..^10],
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
        var now = Time.GetUtcNow().ToUnixTimeSeconds();

        await MeAsync(Provider.Token(claims: claims => claims["exp"] = now - 29));
        await MeAsync(Provider.Token(claims: claims => (claims["nbf"], claims["iat"]) = (now + 30, now + 30)));
        await MeAsync(Provider.Token(claims: claims => claims["iat"] = now - 599));
        await MeAsync(Provider.Token(claims: claims => claims["aud"] = new JsonArray("another", TestIssuer.Audience)));
        await MeAsync(Provider.Token(header: header => header["alg"] = "PS256"));
        await MeAsync(Provider.Token(header: header => header["kid"] = null));
        await MeAsync(Provider.Token(header: header => header["typ"] = null));
    }

    [Fact]
    public async Task A_token_that_was_logged_out_is_refused_with_another_signature_and_after_a_restart_too()
    {
        using var data = new TestFolder();
        await StartAsync(data.Path);
        var token = Provider.Token(header: header => (header["alg"], header["kid"]) = ("ES256", "first-curve"));
        Time.Advance(TimeSpan.FromSeconds(1));
        var another = Provider.Token();
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
        Time.Advance(TimeSpan.FromSeconds(600 + 30));
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
        var token = Provider.Token();

        Time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        await MeAsync(token);
        Time.Advance(TimeSpan.FromSeconds(1));
        await RefusedAsync(token, HttpStatusCode.Unauthorized, "TOKEN_EXPIRED");
    }
}
