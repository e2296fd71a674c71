using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace Rollcall.Server.Organizations;

/// <summary>
/// Whether a request that has been going on for a while would still be let in: its credential and its rights are looked at as if it came now.
/// So a revoked key, a logout and a lost role end what they would have refused. Somebody whose only organization is another one by now is let in
/// there, which is not here.
/// </summary>
internal sealed class StandingAccess(IServiceScopeFactory scopes)
{
    public async Task<bool> IsHeldAsync(HttpContext http, string organizationId, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope(); // authentication remembers its answer for as long as its scope
        var again = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = ct };
        foreach (var (name, value) in http.Request.Headers) again.Request.Headers[name] = value;
        again.Request.RouteValues = http.Request.RouteValues;
        again.Connection.RemoteIpAddress = http.Connection.RemoteIpAddress;

        var authenticated = await again.AuthenticateAsync();
        if (!authenticated.Succeeded) return false;

        again.User = authenticated.Principal;
        var requirements = http.GetEndpoint()!.Metadata.OfType<AuthorizationPolicy>().SelectMany(policy => policy.Requirements);
        var authorized = await scope.ServiceProvider.GetRequiredService<IAuthorizationService>().AuthorizeAsync(authenticated.Principal, again, requirements);
        return authorized.Succeeded && scope.ServiceProvider.GetRequiredService<Caller>().OrganizationId == organizationId;
    }
}
