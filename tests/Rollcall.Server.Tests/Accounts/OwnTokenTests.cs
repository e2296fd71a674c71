using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;

namespace Rollcall.Server.Tests.Accounts;

/// <summary>The server's own access tokens: changed, forged, for a sign-in that is alive.</summary>
public sealed class OwnTokenTests
{
    [Theory]
    [InlineData("as it was", null)]
    [InlineData("another account", "TOKEN_INVALID")]
    [InlineData("signed with another key", "TOKEN_INVALID")]
    [InlineData("signed with no key", "TOKEN_INVALID")]
    [InlineData("not signed", "TOKEN_INVALID")]
    [InlineData("of another algorithm", "TOKEN_INVALID")]
    [InlineData("of another issuer", "TOKEN_INVALID")]
    [InlineData("of another audience", "TOKEN_INVALID")]
    [InlineData("of a sign-in that never was", "TOKEN_INVALID")]
    [InlineData("of no sign-in", "TOKEN_INVALID")]
    [InlineData("expired and signed with another key", "TOKEN_INVALID")]
    [InlineData("expired", "TOKEN_EXPIRED")]
    public async Task A_token_of_ours_is_good_as_it_was_signed(string what, string? code)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        var own = await File.ReadAllBytesAsync(Path.Combine(host.Data, "secrets", "token.key"));
        var body = JsonNode.Parse(Base64UrlEncoder.Decode(tenant.Token.Split('.')[1]))!.AsObject();
        var (algorithm, key) = ("HS256", own);
        switch (what)
        {
            case "another account": body["sub"] = "user_another"; key = RandomNumberGenerator.GetBytes(64); break;
            case "signed with another key": key = RandomNumberGenerator.GetBytes(64); break;
            case "signed with no key": key = []; break;
            case "not signed": algorithm = "none"; break;
            case "of another algorithm": algorithm = "HS512"; break;
            case "of another issuer": body["iss"] = "https://accounts.example.com"; break;
            case "of another audience": body["aud"] = "another"; break;
            case "of a sign-in that never was": body["sid"] = "session_another"; break;
            case "of no sign-in": body.Remove("sid"); break;
            case "expired and signed with another key": body["exp"] = time.GetUtcNow().ToUnixTimeSeconds(); key = RandomNumberGenerator.GetBytes(64); break;
            case "expired": body["exp"] = time.GetUtcNow().ToUnixTimeSeconds(); break;
        }

        using var client = host.ClientWith("Authorization", $"Bearer {Sign(body, algorithm, key)}");
        using var answer = await client.GetAsync("/api/v1/me");

        Assert.Equal(code, await answer.ErrorCodeAsync());
        Assert.Equal(code is null ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static string Sign(JsonObject body, string algorithm, byte[] key)
    {
        var text = $"{Base64UrlEncoder.Encode(new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" }.ToJsonString())}.{Base64UrlEncoder.Encode(body.ToJsonString())}";
        var bytes = Encoding.ASCII.GetBytes(text);
        return algorithm switch
        {
            "none" => $"{text}.",
            "HS512" => $"{text}.{Base64UrlEncoder.Encode(HMACSHA512.HashData(key, bytes))}",
            _ => $"{text}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(key, bytes))}",
        };
    }
}
