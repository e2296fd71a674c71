using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Organizations;

internal static class OrganizationEndpoints
{
    private static readonly RequestParameter Confirm = RequestParameter.Query(
        "confirm", Schemas.Text(shortest: 1), "The organization's name, exactly as `GET /me` has it: who means another one deletes nothing.");

    public static void MapOrganizations(this IEndpointRouteBuilder api) =>
        api.MapDelete("/organizations/{org_id}", DeleteAsync).RequireRight(Right.Own).WithTags("Organizations")
            .Describe(
                "deleteOrganization",
                "Delete an organization with all that it holds",
                "Collections, people, images, jobs, keys, memberships and invitations are gone when it answers, and so are the accounts that belong to no other organization, the caller's own included. Nothing brings them back.")
            .Takes(Confirm with { IsRequired = true }).Answers(StatusCodes.Status200OK, "What was there.");

    private static async Task<Results<Ok<ApiResponse<OrganizationDeleted>>, Problem>> DeleteAsync(
        string? confirm, ClaimsPrincipal user, Caller caller, OrganizationRemoval removal)
    {
        if (string.IsNullOrEmpty(confirm)) return Problem.Invalid("Say that you mean it: ?confirm= with the organization's name.");
        return (await removal.RemoveAsync(Actor.Of(user, caller), confirm)).IsRefused(out var problem, out var receipt) ? problem : Envelope.Ok(receipt!);
    }
}
