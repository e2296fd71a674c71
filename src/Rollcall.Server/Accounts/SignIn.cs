using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Accounts;

/// <summary>The answer to a sign-in: both tokens and where the person belongs.</summary>
internal sealed class SignIn(SessionStore sessions, AccessTokens tokens, AccountStore accounts)
{
    public async Task<AuthTokens> BeginAsync(string accountId, CancellationToken ct) =>
        await AnswerAsync(await sessions.BeginAsync(accountId, ct), ct);

    public async Task<AuthTokens?> ContinueAsync(string refreshToken, CancellationToken ct) =>
        await sessions.RotateAsync(refreshToken, ct) is { } session ? await AnswerAsync(session, ct) : null;

    public static Created<ApiResponse<Registration>> Created(User user, OrganizationMembership organization, AuthTokens tokens) =>
        Envelope.Created("/api/v1/me", new Registration
        {
            User = user,
            Organization = organization,
            AccessToken = tokens.AccessToken,
            TokenType = tokens.TokenType,
            ExpiresIn = tokens.ExpiresIn,
            RefreshToken = tokens.RefreshToken,
            Organizations = tokens.Organizations,
        });

    private async Task<AuthTokens> AnswerAsync(Session session, CancellationToken ct) => new()
    {
        AccessToken = tokens.Issue(session.AccountId, session.Id),
        TokenType = "Bearer",
        ExpiresIn = (int)tokens.Lifetime.TotalSeconds,
        RefreshToken = session.RefreshToken,
        Organizations = await accounts.MembershipsAsync(session.AccountId, [], ct),
    };
}
