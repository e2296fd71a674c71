using System.Text.Json.Nodes;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Organizations;

/// <summary>Who may make whom what (docs/adr/0017). A role that is more comes first in <see cref="OrganizationRole"/>.</summary>
internal static class MemberRules
{
    /// <summary>
    /// Why the change is refused; null when it is not. <paramref name="standing"/> is the role before, null of who is none yet;
    /// <paramref name="wanted"/> the role after, null of who is none any more.
    /// </summary>
    public static Problem? Refuse(OrganizationRole actor, bool isSelf, OrganizationRole? standing, OrganizationRole? wanted)
    {
        var leaves = isSelf && wanted is null;
        if (leaves) return null;
        if (actor > OrganizationRole.Admin) return Forbidden($"This credential may not do that: {Rights.Needed(Right.Administer)} is needed.");
        if (isSelf && (standing is null || wanted < standing)) return Forbidden("Nobody gives themselves a role, or a higher one than they have: another owner or admin does.");
        if (actor != OrganizationRole.Owner && (standing == OrganizationRole.Owner || wanted == OrganizationRole.Owner))
            return Forbidden("Only an owner makes an owner, or changes or removes one.");
        return null;
    }

    /// <summary>The roles that somebody with this one, or with none any more, cannot give.</summary>
    public static IReadOnlyList<string> NotGivenBy(OrganizationRole? role) => role switch
    {
        OrganizationRole.Owner => [],
        OrganizationRole.Admin => [WireName.Of(OrganizationRole.Owner)],
        _ => [.. Enum.GetValues<OrganizationRole>().Select(WireName.Of)],
    };

    public static Problem LastOwner() => Problem.Invalid("An organization has at least one owner: make somebody else an owner first.") with
    {
        Details = new JsonObject { ["reason"] = "last_owner" },
    };

    public static Problem NoMember() => Problem.NotFound("There is no such member here.");

    private static Problem Forbidden(string message) => new(ErrorCodes.InsufficientScope, message);
}
