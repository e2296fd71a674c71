using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Telemetry;

/// <summary>Puts the request's id on every line of its log and, at its end, writes one line about it: the route's template, never what was filled in.</summary>
internal sealed partial class AccessLog(RequestDelegate next, IOptions<HostingOptions> options, TimeProvider time, ILogger<AccessLog> logger)
{
    private const string NoRoute = "(no route)";

    private static readonly HashSet<string> Methods =
        new(StringComparer.Ordinal) { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE" };

    public async Task InvokeAsync(HttpContext context)
    {
        using var scope = logger.BeginScope(LogScope.OfRequest(context));
        if (!options.Value.AccessLog)
        {
            await next(context);
            return;
        }

        var start = time.GetTimestamp();
        var body = new CountedBody(context.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
        context.Features.Set<IHttpResponseBodyFeature>(body);
        var status = StatusCodes.Status500InternalServerError;
        try
        {
            await next(context);
            status = context.Response.StatusCode;
        }
        finally
        {
            var route = RouteOf(context);
            var level = route is "/healthz" or "/readyz" or MetricsEndpoint.Path ? LogLevel.Debug : LogLevel.Information;
            var method = Methods.TryGetValue(context.Request.Method, out var known) ? known : "_OTHER";
            var took = Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 1);
            var received = BytesOf(context);
            LogRequest(level, method, route, status, took, received, body.Bytes);
        }
    }

    /// <summary>What the caller says; -1 when it sends in chunks and does not.</summary>
    private static long BytesOf(HttpContext context) =>
        context.Request.ContentLength ?? (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true ? -1 : 0);

    private static string RouteOf(HttpContext context)
    {
        // An answer about an exception forgets the endpoint, and its feature remembers it.
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint();
        return (endpoint as RouteEndpoint)?.RoutePattern.RawText switch
        {
            null => NoRoute,
            "/" => "/",
            var template => template.TrimEnd('/'),
        };
    }

    [LoggerMessage(EventId = 1401, Message = "{Method} {Route} {Status} in {Milliseconds} ms, {RequestBytes} bytes in, {ResponseBytes} bytes out")]
    private partial void LogRequest(LogLevel level, string method, string route, int status, double milliseconds, long requestBytes, long responseBytes);
}
