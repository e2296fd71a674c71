using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Rollcall.Server.Tests.Accounts;

/// <summary>A small OpenID Connect issuer on a port of its own: discovery and keys. Its tokens are put together by hand, so that they can be wrong.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string Audience = "rollcall-api";

    private readonly WebApplication _app;
    private readonly TimeProvider _time;
    private int _asked;
    private bool _stopped;

    private TestIssuer(WebApplication app, TimeProvider time) => (_app, _time) = (app, time);

    public string Address => _app.Urls.Single();

    /// <summary>What it calls itself; its address unless the test says otherwise.</summary>
    public string? Name { get; set; }

    public List<Key> Keys { get; } = [new Key("first")];

    public bool Broken { get; set; }

    public int Asked => Volatile.Read(ref _asked);

    public string[] Settings => [$"--Accounts:OpenIdConnect:Authority={Address}", $"--Accounts:OpenIdConnect:Audience={Audience}"];

    public static async Task<TestIssuer> StartAsync(TimeProvider time, string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var issuer = new TestIssuer(app, time);
        app.MapGet("/.well-known/openid-configuration", issuer.Describe);
        app.MapGet("/keys", () => Results.Text(new JsonObject { ["keys"] = new JsonArray([.. issuer.Keys.Select(key => key.Public()), .. issuer.Keys.Select(key => key.PublicCurve())]) }.ToJsonString()));
        await app.StartAsync();
        return issuer;
    }

    /// <summary>A good token of a person; the test changes what it wants, and a claim that is null is left out.</summary>
    public string Token(string subject = "anna", Action<JsonObject>? claims = null, Action<JsonObject>? header = null, Key? key = null)
    {
        key ??= Keys[^1];
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        var body = new JsonObject
        {
            ["iss"] = Address,
            ["aud"] = Audience,
            ["sub"] = subject,
            ["email"] = $"{subject}@example.com",
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 600,
        };
        var head = new JsonObject { ["alg"] = "RS256", ["typ"] = "at+jwt", ["kid"] = key.Id };
        claims?.Invoke(body);
        header?.Invoke(head);
        var signed = $"{Encode(head)}.{Encode(body)}";
        return $"{signed}.{Base64UrlEncoder.Encode(key.Sign(signed, head["alg"]?.GetValue<string>()))}";
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopped) return;
        _stopped = true;
        await _app.StopAsync();
        await _app.DisposeAsync();
        Keys.ForEach(key => key.Dispose());
    }

    private IResult Describe()
    {
        Interlocked.Increment(ref _asked);
        return Broken
            ? Results.StatusCode(StatusCodes.Status500InternalServerError)
            : Results.Text(new JsonObject { ["issuer"] = Name ?? Address, ["jwks_uri"] = $"{Address}/keys" }.ToJsonString());
    }

    private static string Encode(JsonObject part)
    {
        foreach (var name in part.Where(claim => claim.Value is null).Select(claim => claim.Key).ToList()) part.Remove(name);
        return Base64UrlEncoder.Encode(part.ToJsonString());
    }

    internal sealed class Key(string id) : IDisposable
    {
        private readonly RSA _rsa = RSA.Create(2048);
        private readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public string Id => id;

        public void Dispose()
        {
            _rsa.Dispose();
            _curve.Dispose();
        }

        public JsonNode Public()
        {
            var parameters = _rsa.ExportParameters(includePrivateParameters: false);
            return new JsonObject
            {
                ["kty"] = "RSA",
                ["use"] = "sig",
                ["kid"] = id,
                ["n"] = Base64UrlEncoder.Encode(parameters.Modulus),
                ["e"] = Base64UrlEncoder.Encode(parameters.Exponent),
            };
        }

        /// <summary>Its sister on the curve.</summary>
        public JsonNode PublicCurve()
        {
            var parameters = _curve.ExportParameters(includePrivateParameters: false);
            return new JsonObject
            {
                ["kty"] = "EC",
                ["crv"] = "P-256",
                ["use"] = "sig",
                ["kid"] = $"{id}-curve",
                ["x"] = Base64UrlEncoder.Encode(parameters.Q.X),
                ["y"] = Base64UrlEncoder.Encode(parameters.Q.Y),
            };
        }

        /// <summary>As the algorithm says; a shared secret is what everybody can read, the public key.</summary>
        public byte[] Sign(string text, string? algorithm)
        {
            var bytes = Encoding.ASCII.GetBytes(text);
            return algorithm switch
            {
                "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem()), bytes),
                "PS256" => _rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
                "ES256" => _curve.SignData(bytes, HashAlgorithmName.SHA256),
                "none" => [],
                _ => _rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            };
        }
    }
}
