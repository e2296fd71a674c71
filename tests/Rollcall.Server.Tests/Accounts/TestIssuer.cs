using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Rollcall.Server.Tests.Accounts;

/// <summary>A small OpenID Connect issuer on a port of its own: discovery, keys, and who has a token. Its tokens are put together by hand, so that they can be wrong.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string Audience = "rollcall-api";

    private readonly WebApplication _app;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _stopping = new();
    private int _asked;
    private int _askedWho;
    private Task _answers = Task.CompletedTask;
    private bool _stopped;

    private TestIssuer(WebApplication app, TimeProvider time) => (_app, _time) = (app, time);

    public string Address => _app.Urls.Single();

    /// <summary>What it calls itself; its address unless the test says otherwise.</summary>
    public string? Name { get; set; }

    public List<Key> Keys { get; } = [new Key("first")];

    public bool Broken { get; set; }

    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What it says of who has a token.</summary>
    public Func<Task<IResult>>? Who { get; set; }

    /// <summary>Where it says that it tells who has a token, if anywhere.</summary>
    public string? WhoAddress { get; set; }

    public int AskedWho => Volatile.Read(ref _askedWho);

    public string[] Settings => [$"--Accounts:OpenIdConnect:Authority={Address}", $"--Accounts:OpenIdConnect:Audience={Audience}"];

    public async Task AskedWhoAsync(int times)
    {
        while (AskedWho < times) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>From now on it takes questions and says nothing, until it stops.</summary>
    public void Hang() => _answers = _stopping.Task;

    public async Task AskedAsync(int times)
    {
        while (Asked < times) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    public static async Task<TestIssuer> StartAsync(TimeProvider time, string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var issuer = new TestIssuer(app, time);
        app.MapGet("/.well-known/openid-configuration", issuer.DescribeAsync);
        app.MapGet("/keys", () => Results.Text(new JsonObject { ["keys"] = new JsonArray([.. issuer.Keys.SelectMany(key => key.Published())]) }.ToJsonString()));
        app.MapGet("/userinfo", issuer.TellAsync);
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
        _stopping.SetResult();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Keys.ForEach(key => key.Dispose());
    }

    private async Task<IResult> DescribeAsync()
    {
        Interlocked.Increment(ref _asked);
        await _answers;
        if (Broken) return Results.StatusCode(StatusCodes.Status500InternalServerError);
        var description = new JsonObject { ["issuer"] = Name ?? Address, ["jwks_uri"] = $"{Address}/keys" };
        if (WhoAddress is not null) description["userinfo_endpoint"] = WhoAddress;
        return Results.Text(description.ToJsonString());
    }

    private Task<IResult> TellAsync(HttpRequest request)
    {
        Interlocked.Increment(ref _askedWho);
        return AuthenticationHeaderValue.Parse(request.Headers.Authorization.ToString()) is { Scheme: "Bearer", Parameter.Length: > 0 } ? Who!() : Task.FromResult(Results.BadRequest());
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

        private byte[] Secret => Encoding.ASCII.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem());

        public void Dispose()
        {
            _rsa.Dispose();
            _curve.Dispose();
        }

        /// <summary>The key, its sister on the curve, and a shared secret that some issuers publish by mistake.</summary>
        public JsonNode[] Published() => [Public(), PublicCurve(), new JsonObject { ["kty"] = "oct", ["kid"] = $"{id}-secret", ["k"] = Base64UrlEncoder.Encode(Secret) }];

        private JsonNode Public()
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

        private JsonNode PublicCurve()
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
                "HS256" => HMACSHA256.HashData(Secret, bytes),
                "PS256" => _rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
                "ES256" => _curve.SignData(bytes, HashAlgorithmName.SHA256),
                "none" => [],
                _ => _rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            };
        }
    }
}
