using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Accounts;

/// <summary>A good token of the external issuer.</summary>
/// <param name="Hash">Of what is signed in it, for a signature on a curve has a twin that anybody can work out.</param>
internal sealed record ExternalToken(string Issuer, string Subject, string Email, string Hash, DateTimeOffset ExpiresAt, IReadOnlyList<Grant> Grants);

/// <summary>Checks tokens of the external issuer: its name, its signature, what the token is for, and when it is good.</summary>
internal sealed class ExternalTokens(Issuer issuer, UserInfo userInfo, IOptions<AccountOptions> options, TimeProvider time)
{
    private const int LongestSubject = 255;
    private const int LongestEmail = 254;

    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    /// <summary>None that takes a shared secret: the issuer's public key would be one that everybody has.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>An issuer also signs what is no access: logout tokens and security events, which not every issuer gives a type of their own.</summary>
    private static readonly string[] Types = ["JWT", "at+jwt", "application/at+jwt"];

    private OpenIdConnectOptions Settings => options.Value.OpenIdConnect;

    /// <summary>Whether the token says that it is the issuer's; nothing is proved by that.</summary>
    public bool NamesIssuer(string text) => Settings.Authority is not null && Read(text) is { } token && Settings.Names(token.Issuer);

    public async Task<Result<ExternalToken>> ValidateAsync(string text, CancellationToken ct)
    {
        if (Read(text) is not { } token) return Invalid();
        if (await issuer.DescribeAsync(token.Kid, ct) is not { } description) return Silent();

        var result = await Handler.ValidateTokenAsync(token, ParametersOf(description));
        if (result.Exception is SecurityTokenExpiredException) return Expired();
        if (!result.IsValid) return Invalid();

        var now = time.GetUtcNow().UtcDateTime;
        if (token.Typ is { Length: > 0 } type && !Types.Contains(type, StringComparer.OrdinalIgnoreCase)) return Invalid();
        if (token.TryGetPayloadValue<object>("events", out _)) return Invalid();
        if (string.IsNullOrEmpty(token.Subject) || token.Subject.Length > LongestSubject || token.Subject.Any(char.IsControl)) return Invalid();
        if (token.IssuedAt == DateTime.MinValue || token.IssuedAt > now + ClockSkew) return Invalid();
        if (now - token.IssuedAt >= Settings.MaxTokenAge) return TooOld();

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text[..text.LastIndexOf('.')])));
        Result<Grant[]> roles = Settings.AskUserInfo
            ? await userInfo.AskAsync(description.UserInfoEndpoint, text, hash, token.Subject, ct)
            : Settings.GrantsOf((type, value) => token.Claims.Any(claim => claim.Type == type && claim.Value == value));
        if (roles.IsRefused(out var problem, out var grants)) return problem;

        return new ExternalToken(
            description.Issuer,
            token.Subject,
            token.TryGetPayloadValue<string>("email", out var email) && email?.Length is > 0 and <= LongestEmail ? email : "",
            hash,
            token.ValidTo + ClockSkew,
            grants!);
    }

    private static JsonWebToken? Read(string text)
    {
        try
        {
            return Handler.CanReadToken(text) ? new JsonWebToken(text) : null;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or FormatException or InvalidOperationException)
        {
            return null; // three parts and a dot between them are not yet a token
        }
    }

    private TokenValidationParameters ParametersOf(OpenIdConnectConfiguration description) => new()
    {
        ValidIssuer = description.Issuer,
        ValidAudience = Settings.Audience,
        ValidAlgorithms = Algorithms,
        IssuerSigningKeyResolver = (_, _, id, _) => description.SigningKeys.Where(key => string.IsNullOrEmpty(id) || key.KeyId == id),
        LifetimeValidator = (from, until, _, _) => IsNow(from, until),
    };

    private bool IsNow(DateTime? from, DateTime? until)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (until is null || from > now + ClockSkew) return false;
        return now < until + ClockSkew ? true : throw new SecurityTokenExpiredException();
    }

    private static Problem Invalid() => new(ErrorCodes.TokenInvalid, "The access token is not a good one of the issuer for this server: log in there again.");

    private static Problem Expired() => new(ErrorCodes.TokenExpired, "The access token has expired: get another from its issuer.");

    private static Problem TooOld() => new(
        ErrorCodes.TokenExpired, "The access token is older than this server takes, whatever it says itself: get another from its issuer.");

    private static Problem Silent() => new(ErrorCodes.ServiceBusy, "The issuer of this access token does not answer: try again shortly.")
    {
        RetryAfterSeconds = (int)Issuer.AskedAtMostEvery.TotalSeconds,
    };
}
