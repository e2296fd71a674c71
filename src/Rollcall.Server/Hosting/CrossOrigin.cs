using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Rollcall.Server.Batches;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Hosting;

/// <summary>Pages of configured origins may call the API. Credentials travel in headers that the page sets itself, never in cookies.</summary>
internal static class CrossOrigin
{
    private static readonly TimeSpan PreflightKept = TimeSpan.FromMinutes(10);

    private static readonly string[] Sent =
    [
        HeaderNames.Accept, HeaderNames.Authorization, HeaderNames.ContentType, HeaderNames.IfNoneMatch, EventEndpoint.LastEventId,
        ApiKeyAuthentication.Header, RightAuthorization.OrganizationHeader, IdempotencyKey.Header, RequestIds.Header,
    ];

    private static readonly string[] Shown =
    [
        HeaderNames.ETag, HeaderNames.Location, HeaderNames.RetryAfter, RequestIds.Header, IdempotencyKey.ReplayedHeader, "RateLimit", "RateLimit-Policy",
    ];

    public static void AddCrossOrigin(this IServiceCollection services)
    {
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<HostingOptions>>((cors, hosting) => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. hosting.Value.CorsOrigins])
            .WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Patch, HttpMethods.Delete)
            .WithHeaders(Sent)
            .WithExposedHeaders(Shown)
            .SetPreflightMaxAge(PreflightKept)));
    }

    /// <summary>Without an origin nothing is added, so that a preflight is what it is for everybody else: a method that no route takes.</summary>
    public static void UseCrossOrigin(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<HostingOptions>>().Value.CorsOrigins.Count > 0) app.UseCors();
    }
}
