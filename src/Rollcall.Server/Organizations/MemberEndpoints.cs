using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Accounts;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Organizations;

internal static class MemberEndpoints
{
    public static void MapMembers(this IEndpointRouteBuilder api)
    {
        var members = api.MapGroup("/organizations/{org_id}/members").WithTags("Members");
        members.MapPost("", AddAsync).RequireRight(Right.Administer)
            .Describe("addMember", "Take a person in", "By `email` or `user_id`, one of the two. An account is a member at once. For an address that no account has the answer holds an invitation, whose `token` is in this answer and never again.")
            .Answers(StatusCodes.Status201Created, "The member, or the invitation.", AnswerHeader.Location("the member")).Refuses(ErrorCodes.AlreadyExists, ErrorCodes.QuotaExceeded);
        members.MapGet("", ListAsync).RequireRight(Right.Administer).Describe("listMembers", "List members and open invitations").Takes(Page.Parameters)
            .Answers(StatusCodes.Status200OK, "A page of members, and on the first page the open invitations.");
        members.MapPatch("/{user_id}", ChangeAsync).RequireRight(Right.Administer)
            .Describe("changeMember", "Give a member another role", "Only an owner makes an owner, or changes one; nobody raises themselves; the last owner stays one.")
            .Answers(StatusCodes.Status200OK, "The member with the new role.");
        members.MapDelete("/{user_id}", RemoveAsync).RequireRight(Right.Belong)
            .Describe("removeMember", "Take a member out, leave, or withdraw an invitation", "Whoever belongs to it may leave; to take out somebody else needs the role admin or owner. Access ends at once. The last owner cannot go.")
            .Answers(StatusCodes.Status204NoContent, "The membership, or the invitation, has ended.");
        api.MapJoin();
    }

    private static async Task<Results<Created<ApiResponse<MemberAdded>>, Problem>> AddAsync(
        AddMember request, ClaimsPrincipal user, Caller caller, MemberStore store, CancellationToken ct)
    {
        if (request.Email is null == request.UserId is null) return Problem.Invalid("Say who it is: email or user_id, one of the two.");
        if (request.Email is not null && EmailAddress.IsNone(request.Email)) return Problem.Invalid("email is not an e-mail address.");

        if ((await store.AddAsync(Actor.Of(user, caller), request, ct)).IsRefused(out var problem, out var added)) return problem;
        return Envelope.Created($"/api/v1/organizations/{caller.OrganizationId}/members/{added!.UserId ?? added.Invitation!.Id}", added);
    }

    private static async Task<Results<Ok<ApiResponse<MemberList>>, Problem>> ListAsync(
        string? limit, string? cursor, Caller caller, MemberStore store, InvitationStore invitations, CancellationToken ct)
    {
        if (Page.Parse(limit, cursor).IsRefused(out var problem, out var page)) return problem;
        var (rows, next) = page.Cut(await store.ListAsync(caller.OrganizationId, page, ct), row => row.Key);
        var open = cursor is null ? await invitations.ListAsync(caller.OrganizationId, ct) : [];
        return Envelope.Ok(new MemberList
        {
            Members = [.. rows.Select(row => ToContract(row, row.OrganizationRole))],
            Invitations =
            [
                .. open.Select(row => new Invitation
                {
                    Id = row.Id,
                    Email = row.Email,
                    Role = row.OrganizationRole,
                    CreatedAt = row.CreatedAt.ToTime(),
                    ExpiresAt = row.ExpiresAt.ToTime(),
                })
            ],
            NextCursor = next,
        });
    }

    private static async Task<Results<Ok<ApiResponse<Member>>, Problem>> ChangeAsync(
        [FromRoute(Name = "user_id")] string userId, MemberChange request, ClaimsPrincipal user, Caller caller, MemberStore store, CancellationToken ct) =>
        (await store.ChangeAsync(Actor.Of(user, caller), userId, request.Role, ct)).IsRefused(out var problem, out var row)
            ? problem
            : Envelope.Ok(ToContract(row!, request.Role));

    private static async Task<Results<NoContent, Problem>> RemoveAsync(
        [FromRoute(Name = "user_id")] string userId, ClaimsPrincipal user, Caller caller, MemberStore store, InvitationStore invitations, CancellationToken ct)
    {
        var actor = Actor.Of(user, caller);
        if (userId.StartsWith(InvitationStore.IdPrefix, StringComparison.Ordinal))
            return await invitations.WithdrawAsync(actor, userId, ct) is { } refused ? refused : TypedResults.NoContent();
        return (await store.ChangeAsync(actor, userId, wanted: null, ct)).IsRefused(out var problem, out _) ? problem : TypedResults.NoContent();
    }

    private static Member ToContract(MemberRow row, OrganizationRole role) => new()
    {
        UserId = row.AccountId,
        Email = row.Email,
        Role = role,
        JoinedAt = row.CreatedAt.ToTime(),
    };
}
