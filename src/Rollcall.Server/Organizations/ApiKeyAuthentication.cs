using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Organizations;

/// <summary><c>X-API-Key</c>, for programs.</summary>
internal sealed class ApiKeyAuthentication(
    ApiKeyStore keys,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string Header = "X-API-Key";
    public const string OrganizationClaim = "org";
    public const string ScopeClaim = "scope";
    public const string KeyClaim = "key";
    public const string PrefixClaim = "key_prefix";
    public const string CollectionClaim = "collection";

    private Problem _refusal = Refusal();

    public static Problem Refusal() => new(
        ErrorCodes.InvalidApiKey, "The API key is unknown, expired or revoked. Create one under /organizations/{org_id}/api-keys.");

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var text = Request.Headers[Header].ToString();
        if (text.Length == 0)
        {
            _refusal = new Problem(ErrorCodes.MissingCredentials, "X-API-Key is empty.");
            return AuthenticateResult.NoResult();
        }

        if (await keys.FindAsync(text, Context.RequestAborted) is not { } key) return AuthenticateResult.Fail("unknown key");
        if (key.AllowedIpList is { } addresses && !AddressList.Contains(addresses, Context.Connection.RemoteIpAddress))
        {
            _refusal = new Problem(ErrorCodes.IpNotAllowed, "This API key is confined to other addresses.");
            return AuthenticateResult.Fail("address");
        }

        await keys.NoteUseAsync(key, Context.RequestAborted);
        var claims = key.Scopes.Split(' ').Select(scope => new Claim(ScopeClaim, scope))
            .Append(new Claim(OrganizationClaim, key.OrganizationId))
            .Append(new Claim(KeyClaim, key.Id))
            .Append(new Claim(PrefixClaim, key.Prefix))
            .Concat((key.CollectionList ?? []).Select(collection => new Claim(CollectionClaim, collection)));
        var principal = new ClaimsPrincipal(new ClaimsIdentity(claims, SchemeName));
        return AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => _refusal.ExecuteAsync(Context);
}
