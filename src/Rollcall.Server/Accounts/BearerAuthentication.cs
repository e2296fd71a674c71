using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Accounts;

/// <summary><c>Authorization: Bearer</c>, for people. The sign-in behind the token must still be alive, so that a logout ends access at once.</summary>
internal sealed class BearerAuthentication(
    AccessTokens tokens,
    SessionStore sessions,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Bearer";
    public const string AccountClaim = "sub";
    public const string SessionClaim = "sid";

    private const string Prefix = "Bearer ";

    private Problem _refusal = new(
        ErrorCodes.MissingCredentials, "Send an API key as X-API-Key, or an access token from /auth/login as Authorization: Bearer.");

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers[HeaderNames.Authorization].ToString();
        if (header.Length == 0) return AuthenticateResult.NoResult();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) return Invalid();

        var result = await tokens.ValidateAsync(header[Prefix.Length..].Trim());
        if (result.Exception is SecurityTokenExpiredException)
        {
            _refusal = new Problem(ErrorCodes.TokenExpired, "The access token has expired: get another from /auth/refresh or /auth/login.");
            return AuthenticateResult.Fail("expired");
        }

        if (!result.IsValid || result.ClaimsIdentity.FindFirst(SessionClaim) is not { } session) return Invalid();
        if (!await sessions.IsAliveAsync(session.Value, Context.RequestAborted)) return Invalid();

        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(result.ClaimsIdentity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => _refusal.ExecuteAsync(Context);

    private AuthenticateResult Invalid()
    {
        _refusal = new Problem(ErrorCodes.TokenInvalid, "The access token is not one of this server, or its sign-in has ended: log in again.");
        return AuthenticateResult.Fail("invalid");
    }
}
