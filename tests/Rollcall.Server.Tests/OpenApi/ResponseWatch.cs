using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Rollcall.Server.Tests.OpenApi;

/// <summary>Holds every answer of a test's host against the OpenAPI document; the host's end fails the test when one does not fit.</summary>
internal sealed class ResponseWatch(Contract? contract = null) : IStartupFilter
{
    private readonly ConcurrentQueue<string> _violations = new();

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(WatchAsync);
        next(app);
    };

    public void Verdict()
    {
        if (!_violations.IsEmpty) Assert.Fail($"The OpenAPI document is not true.\n{string.Join("\n", _violations.Distinct())}");
    }

    private async Task WatchAsync(HttpContext context, RequestDelegate next)
    {
        var copy = new CopyingStream(context.Response.Body);
        context.Response.Body = copy;
        await next(context);
        if (context.RequestAborted.IsCancellationRequested) return;
        if (!context.Response.HasStarted) await context.Response.StartAsync(); // some headers are set then

        // An answer to an exception has left its endpoint behind.
        var endpoint = context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        var judge = contract ?? await Contract.OfAsync(context.RequestServices);
        var violations = endpoint is RouteEndpoint route
            ? Judge(judge, context, route, copy.Copy)
            : judge.JudgeStray(context.Request.Method, context.Request.Path, context.Response.StatusCode, copy.Copy);
        foreach (var violation in violations)
        {
            _violations.Enqueue(violation);
            TestContext.Current.TestOutputHelper?.WriteLine(violation);
        }
    }

    private static IReadOnlyList<string> Judge(Contract judge, HttpContext context, RouteEndpoint route, ReadOnlyMemory<byte> body) =>
        route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription == true
            ? []
            : judge.Judge(context.Request.Method, $"/{route.RoutePattern.RawText!.Trim('/')}", context.Response.StatusCode, context.Response.Headers, body);
}
