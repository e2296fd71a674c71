using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Rollcall.Client.Contracts;
using Rollcall.Server.Accounts;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Organizations;

internal sealed record RightRequirement(Right Right) : IAuthorizationRequirement;

internal static class RightAuthorization
{
    public const string OrganizationHeader = "X-Organization-Id";

    public static RequestParameter Parameter { get; } = RequestParameter.Header(
        OrganizationHeader, Schemas.Text(shortest: 1), "The organization that the request is about, where the path does not name it and the caller belongs to several.");

    /// <summary>The route takes a credential of the organization that holds the right.</summary>
    public static TBuilder RequireRight<TBuilder>(this TBuilder builder, Right right)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(policy => policy.RequireAuthenticatedUser().AddRequirements(new RightRequirement(right)));
}

/// <summary>Finds the organization that the request is about and whether the credential has the right there.</summary>
internal sealed class RightAuthorizationHandler(Caller caller, AccountStore accounts, Confinement confinement) : AuthorizationHandler<RightRequirement>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, RightRequirement requirement)
    {
        if (context.Resource is not HttpContext http || context.User.Identity?.IsAuthenticated != true) return;

        var entered = await EnterAsync(http, context.User);
        if (entered.IsRefused(out var problem, out _)) caller.Refuse(problem);
        else if (!caller.Rights.HasFlag(requirement.Right)) caller.Refuse(TooLittle(requirement.Right));
        else if (await confinement.RefusesAsync(caller, Named("collection_id"), Named("job_id"), http.RequestAborted)) caller.Refuse(Confinement.NotAllowed());
        else context.Succeed(requirement);

        string? Named(string parameter) => http.Request.RouteValues[parameter] as string;
    }

    private static Problem TooLittle(Right right) =>
        new(ErrorCodes.InsufficientScope, $"This credential may not do that: {Rights.Needed(right)} is needed.");

    private static Problem UnknownOrganization() => Problem.NotFound("There is no such organization for this credential.");

    private async Task<Result<string>> EnterAsync(HttpContext http, ClaimsPrincipal user)
    {
        var named = http.Request.RouteValues["org_id"] as string;
        var header = http.Request.Headers[RightAuthorization.OrganizationHeader].ToString();
        if (header.Length > 0)
        {
            if (named is not null && named != header) return Problem.Invalid($"The path and {RightAuthorization.OrganizationHeader} name two organizations.");
            named = header;
        }

        if (user.FindFirstValue(ApiKeyAuthentication.OrganizationClaim) is { } own)
        {
            if (named is not null && named != own) return UnknownOrganization();
            var collections = user.FindAll(ApiKeyAuthentication.CollectionClaim).Select(claim => claim.Value).ToList();
            caller.Enter(
                own,
                user.FindFirstValue(ApiKeyAuthentication.KeyClaim)!,
                Rights.OfScopes(user.FindAll(ApiKeyAuthentication.ScopeClaim).Select(claim => claim.Value)),
                collections.Count > 0 ? collections : null);
            return own;
        }

        var account = user.FindFirstValue(BearerAuthentication.AccountClaim)!;
        var memberships = await accounts.MembershipsAsync(account, Grant.Of(user), http.RequestAborted);
        if (named is null && memberships.Count > 1)
            return Problem.Invalid($"You belong to several organizations: name one in {RightAuthorization.OrganizationHeader}.");
        var membership = named is null ? memberships.SingleOrDefault() : memberships.FirstOrDefault(m => m.Id == named);
        if (membership is null) return UnknownOrganization();

        caller.Enter(membership.Id, account, Rights.OfRole(membership.Role));
        return membership.Id;
    }
}

/// <summary>Answers what authorization refused in the contract's words instead of a bare 403.</summary>
internal sealed class RefusalAnswer : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _default = new();

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        var refusal = context.RequestServices.GetRequiredService<Caller>().Refusal;
        return authorizeResult.Forbidden && refusal is not null
            ? refusal.ExecuteAsync(context)
            : _default.HandleAsync(next, context, policy, authorizeResult);
    }
}
