using System.Security.Claims;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Accounts;

/// <summary>A role that comes with the issuer's token, by this server's settings, for as long as the token is good.</summary>
internal sealed record Grant(string OrganizationId, OrganizationRole Role)
{
    private const string ClaimType = "grant";

    public static IReadOnlyList<Grant> Of(ClaimsPrincipal user) => [.. user.FindAll(ClaimType).Select(claim => Parse(claim.Value))];

    public Claim ToClaim() => new(ClaimType, $"{Role} {OrganizationId}");

    private static Grant Parse(string text)
    {
        var parts = text.Split(' ', 2);
        return new Grant(parts[1], Enum.Parse<OrganizationRole>(parts[0]));
    }
}
