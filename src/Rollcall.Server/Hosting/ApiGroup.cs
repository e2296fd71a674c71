using Rollcall.Client.Contracts;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Hosting;

internal static class ApiGroup
{
    /// <summary>What all routes of the API have in common.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder app) =>
        app.MapGroup("/api/v1").Refuses(ErrorCodes.RateLimitExceeded).AlwaysAnswers(AnswerHeader.RateLimits);
}
