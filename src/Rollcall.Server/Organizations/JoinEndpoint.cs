using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Client.Contracts;
using Rollcall.Server.Accounts;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Organizations;

/// <summary>An account for who was invited, also where registration is switched off: somebody of the organization has let them in.</summary>
internal static class JoinEndpoint
{
    public static void MapJoin(this IEndpointRouteBuilder api) =>
        api.MapPost("/auth/join", JoinAsync).WithTags("Accounts")
            .Describe("join", "Take up an invitation with a new account", "The account has the address that was invited. It works once, and where registration is switched off too.")
            .Answers(StatusCodes.Status201Created, "The account, its organization and tokens.", AnswerHeader.Location("the account"))
            .Refuses(ErrorCodes.AlreadyExists, ErrorCodes.TokenInvalid);

    private static async Task<Results<Created<ApiResponse<Registration>>, Problem>> JoinAsync(
        JoinRequest request, InvitationStore invitations, SignIn signIn, Passwords passwords, LoginThrottle throttle, HttpContext http, CancellationToken ct)
    {
        if (Passwords.Wrong(request.Password) is { } problem) return problem;
        if (throttle.RefuseRegistration(http.Connection.RemoteIpAddress) is { } refused) return refused;
        if (!await invitations.IsOpenAsync(request.Token, ct)) return InvitationStore.NoInvitation();

        if ((await passwords.HashAsync(request.Password, ct)).IsRefused(out var busy, out var hash)) return busy;
        if ((await invitations.TakeUpAsync(request.Token, hash!, ct)).IsRefused(out var lost, out var joined)) return lost;
        return SignIn.Created(joined.User, joined.Organization, await signIn.BeginAsync(joined.User.Id, ct));
    }
}
