using System.Net.Http.Json;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    /// <summary>Creates an account with an organization of its own and logs it in.</summary>
    /// <param name="request">The account to create.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.AlreadyExists"/>, <see cref="ErrorCodes.InvalidRequest"/>; <see cref="ErrorCodes.InsufficientScope"/> when
    /// registration is switched off.
    /// </exception>
    public Task<Registration> RegisterAsync(RegisterRequest request, CancellationToken cancellationToken = default) =>
        PostAsync("auth/register", request, Json.RegisterRequest, Json.ApiResponseRegistration, cancellationToken);

    /// <summary>Logs a person in.</summary>
    /// <param name="request">Address and password.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.InvalidCredentials"/>; <see cref="ErrorCodes.RateLimitExceeded"/> after too many attempts.
    /// </exception>
    public Task<AuthTokens> LoginAsync(LoginRequest request, CancellationToken cancellationToken = default) =>
        PostAsync("auth/login", request, Json.LoginRequest, Json.ApiResponseAuthTokens, cancellationToken);

    /// <summary>Exchanges a refresh token, which is used up by that, for new tokens.</summary>
    /// <param name="refreshToken">The latest one; an older one revokes its whole family.</param>
    /// <param name="cancellationToken">Ends the wait; the token may be used up all the same.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.TokenInvalid"/>, <see cref="ErrorCodes.TokenExpired"/>.</exception>
    public Task<AuthTokens> RefreshAsync(string refreshToken, CancellationToken cancellationToken = default) => PostAsync(
        "auth/refresh",
        new RefreshRequest { RefreshToken = refreshToken },
        Json.RefreshRequest,
        Json.ApiResponseAuthTokens,
        cancellationToken);

    /// <summary>Ends the login that this client's bearer token belongs to.</summary>
    /// <param name="refreshToken">The latest refresh token of it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.TokenInvalid"/>, <see cref="ErrorCodes.TokenExpired"/>.</exception>
    public Task LogoutAsync(string refreshToken, CancellationToken cancellationToken = default) => RunAsync(
        Request(HttpMethod.Post, "auth/logout", JsonContent.Create(new LogoutRequest { RefreshToken = refreshToken }, Json.LogoutRequest)),
        cancellationToken);

    /// <summary>Who the bearer of this client's token is, and in which organizations.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.TokenInvalid"/>, <see cref="ErrorCodes.TokenExpired"/>.</exception>
    public Task<Me> GetMeAsync(CancellationToken cancellationToken = default) => GetAsync("me", Json.ApiResponseMe, cancellationToken);
}
