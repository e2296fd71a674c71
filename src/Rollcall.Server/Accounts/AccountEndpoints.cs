using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Accounts;

internal static class AccountEndpoints
{
    private const int LongestName = 200;

    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Accounts");
        auth.MapPost("/register", RegisterAsync).Describe("register", "Make an account with an organization of its own")
            .Answers(StatusCodes.Status201Created, "The account, its organization and tokens.", AnswerHeader.Location("the account"))
            .Refuses(ErrorCodes.AlreadyExists, ErrorCodes.InsufficientScope);
        auth.MapPost("/login", LoginAsync).Describe("login", "Log in")
            .Answers(StatusCodes.Status200OK, "Tokens.").Refuses(ErrorCodes.InvalidCredentials);
        auth.MapPost("/refresh", RefreshAsync).Describe("refreshTokens", "Trade a refresh token for new tokens", "It is used up; a second use of it ends the sign-in.")
            .Answers(StatusCodes.Status200OK, "New tokens.").Refuses(ErrorCodes.TokenInvalid);
        auth.MapPost("/logout", LogoutAsync).Describe("logout", "End the sign-in of the access token, or of the refresh token in the body")
            .WithMetadata(new TakesToken(BearerAuthentication.SchemeName)).Answers(StatusCodes.Status204NoContent, "It has ended.").Refuses(Access.Unauthenticated);
        api.MapGet("/me", MeAsync).WithTags("Accounts").RequireAuthorization(policy => policy.RequireClaim(BearerAuthentication.AccountClaim))
            .Describe("getMe", "Who the access token belongs to").Answers(StatusCodes.Status200OK, "The account and its organizations.").Refuses(ErrorCodes.NotFound);
    }

    private static async Task<Results<Created<ApiResponse<Registration>>, Problem>> RegisterAsync(
        RegisterRequest request,
        AccountStore accounts,
        SignIn signIn,
        Passwords passwords,
        LoginThrottle throttle,
        IOptions<AccountOptions> options,
        HttpContext http,
        CancellationToken ct)
    {
        if (!options.Value.AllowRegistration)
            return new Problem(ErrorCodes.InsufficientScope, "Registration is switched off on this server: ask its operator for an account.");
        if (Wrong(request) is { } problem) return problem;
        if (throttle.RefuseRegistration(http.Connection.RemoteIpAddress) is { } refused) return refused;

        if ((await passwords.HashAsync(request.Password, ct)).IsRefused(out var busy, out var hash)) return busy;
        if (await accounts.RegisterAsync(request.Email, hash!, request.OrganizationName, ct) is not { } added)
            return new Problem(ErrorCodes.AlreadyExists, "An account with this address exists: log in instead.");

        var tokens = await signIn.BeginAsync(added.User.Id, ct);
        return SignIn.Created(added.User, added.Organization, tokens);
    }

    private static async Task<Results<Ok<ApiResponse<AuthTokens>>, Problem>> LoginAsync(
        LoginRequest request, AccountStore accounts, SignIn signIn, Passwords passwords, LoginThrottle throttle, FailedLogins failures, HttpContext http, CancellationToken ct)
    {
        if (throttle.AdmitLogin(request.Email, http.Connection.RemoteIpAddress).IsRefused(out var refused, out var attempt)) return refused;

        var account = request.Email.Length <= EmailAddress.Longest ? await accounts.FindByEmailAsync(request.Email, ct) : null;
        var password = request.Password.Length <= Passwords.Longest ? request.Password : "";
        if ((await passwords.VerifyAsync(account, password, ct)).IsRefused(out var busy, out var right))
        {
            throttle.NotMade(attempt);
            return busy;
        }

        if (!right)
        {
            failures.Note(account?.Id);
            return new Problem(ErrorCodes.InvalidCredentials, "The address or the password is wrong.");
        }

        throttle.Succeeded(attempt);
        return Envelope.Ok(await signIn.BeginAsync(account!.Id, ct));
    }

    private static async Task<Results<Ok<ApiResponse<AuthTokens>>, Problem>> RefreshAsync(
        RefreshRequest request, SignIn signIn, LoginThrottle throttle, HttpContext http, CancellationToken ct)
    {
        if (throttle.RefuseRefresh(http.Connection.RemoteIpAddress) is { } refused) return refused;
        return await signIn.ContinueAsync(request.RefreshToken, ct) is { } tokens
            ? Envelope.Ok(tokens)
            : new Problem(ErrorCodes.TokenInvalid, "The refresh token is unknown, expired or was used before: log in again.");
    }

    /// <summary>Ends the sign-in of the access token that was sent, or of the refresh token in the body; an external token is refused from now on.</summary>
    private static async Task<Results<NoContent, Problem, ChallengeHttpResult>> LogoutAsync(
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] LogoutRequest? request,
        ClaimsPrincipal user,
        SessionStore sessions,
        ExternalAccounts externals,
        CancellationToken ct)
    {
        var session = user.FindFirstValue(BearerAuthentication.SessionClaim);
        var token = user.FindFirstValue(BearerAuthentication.ExternalTokenClaim);
        if (session is null && token is null && request is null)
        {
            return user.Identity?.IsAuthenticated == true
                ? new Problem(ErrorCodes.MissingCredentials, "Send the access token as Authorization: Bearer, or the refresh_token in the body.")
                : TypedResults.Challenge(); // says what is wrong with the token, if there is one
        }

        if (session is not null) await sessions.EndAsync(session, ct);
        if (token is not null)
        {
            var (account, expiry) = (user.FindFirstValue(BearerAuthentication.AccountClaim)!, user.FindFirstValue(BearerAuthentication.ExternalExpiryClaim)!);
            await externals.RefuseAsync(account, Grant.Of(user), token, long.Parse(expiry, CultureInfo.InvariantCulture), ct);
        }

        if (request is not null) await sessions.EndByTokenAsync(request.RefreshToken, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<ApiResponse<Me>>, Problem>> MeAsync(ClaimsPrincipal user, AccountStore accounts, CancellationToken ct)
    {
        var id = user.FindFirstValue(BearerAuthentication.AccountClaim)!;
        if (await accounts.FindAsync(id, ct) is not { } account) return Problem.NotFound("This account is no more.");
        return Envelope.Ok(new Me
        {
            User = new User { Id = account.Id, Email = account.Email },
            Organizations = await accounts.MembershipsAsync(id, Grant.Of(user), ct),
        });
    }

    private static Problem? Wrong(RegisterRequest request)
    {
        if (EmailAddress.IsNone(request.Email)) return Problem.Invalid("email is not an e-mail address.");
        if (Passwords.Wrong(request.Password) is { } problem) return problem;
        if (FieldValues.IsNoName(request.OrganizationName, LongestName))
            return Problem.Invalid($"organization_name has 1 to {LongestName} characters, none of them a control character.");
        return null;
    }
}
