using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Accounts;

/// <summary>
/// <c>Authorization: Bearer</c>, for people. The sign-in behind a token of ours must still be alive, and one of the external issuer must not have
/// been logged out, so that a logout ends access at once.
/// </summary>
internal sealed class BearerAuthentication(
    AccessTokens tokens,
    SessionStore sessions,
    ExternalTokens externalTokens,
    ExternalAccounts externalAccounts,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Bearer";
    public const string AccountClaim = "sub";
    public const string SessionClaim = "sid";
    public const string ExternalTokenClaim = "external_token";
    public const string ExternalExpiryClaim = "external_expiry";

    private const string Prefix = "Bearer ";

    private Problem _refusal = new(
        ErrorCodes.MissingCredentials, "Send an API key as X-API-Key, or an access token from /auth/login as Authorization: Bearer.");

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers[HeaderNames.Authorization].ToString();
        if (header.Length == 0) return AuthenticateResult.NoResult();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) return Invalid();

        var text = header[Prefix.Length..].Trim();
        return externalTokens.NamesIssuer(text) ? await ExternalAsync(text) : await OwnAsync(text);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => _refusal.ExecuteAsync(Context);

    private async Task<AuthenticateResult> OwnAsync(string text)
    {
        var result = await tokens.ValidateAsync(text);
        if (result.Exception is SecurityTokenExpiredException)
            return Refuse(new Problem(ErrorCodes.TokenExpired, "The access token has expired: get another from /auth/refresh or /auth/login."));

        if (!result.IsValid || result.ClaimsIdentity.FindFirst(SessionClaim) is not { } session) return Invalid();
        return await sessions.IsAliveAsync(session.Value, Context.RequestAborted) ? Success(result.ClaimsIdentity) : Invalid();
    }

    private async Task<AuthenticateResult> ExternalAsync(string text)
    {
        if ((await externalTokens.ValidateAsync(text, Context.RequestAborted)).IsRefused(out var problem, out var token)) return Refuse(problem);
        if (await externalAccounts.FindOrAddAsync(token!, Context.RequestAborted) is not { } account) return Invalid();

        // None of the issuer's claims comes along: what it calls "org" or "scope" is not what an API key has under these names.
        return Success(new ClaimsIdentity(
            token!.Grants.Select(grant => grant.ToClaim())
                .Append(new Claim(AccountClaim, account))
                .Append(new Claim(ExternalTokenClaim, token.Hash))
                .Append(new Claim(ExternalExpiryClaim, token.ExpiresAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture))),
            SchemeName));
    }

    private static AuthenticateResult Success(ClaimsIdentity identity) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));

    private AuthenticateResult Invalid() =>
        Refuse(new Problem(ErrorCodes.TokenInvalid, "The access token is not one of this server, or its sign-in has ended: log in again."));

    private AuthenticateResult Refuse(Problem problem)
    {
        _refusal = problem;
        return AuthenticateResult.Fail(problem.Code);
    }
}
