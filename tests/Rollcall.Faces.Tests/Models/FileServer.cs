using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Rollcall.Faces.Tests.Models;

/// <summary>A web server on this machine. Each request gets the next answer, and the last one from then on.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Range, string IfRange)> _asked = new();

    private FileServer(WebApplication app, RequestDelegate[] answers)
    {
        _app = app;
        app.Run(context =>
        {
            _asked.Enqueue((context.Request.Headers.Range.ToString(), context.Request.Headers.IfRange.ToString()));
            return answers[Math.Min(_asked.Count, answers.Length) - 1](context);
        });
    }

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/model.onnx");

    /// <summary>The range headers of each request so far.</summary>
    public IReadOnlyList<(string Range, string IfRange)> Asked => [.. _asked];

    public static async Task<FileServer> StartAsync(params RequestDelegate[] answers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var server = new FileServer(builder.Build(), answers);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>The whole, whatever is asked.</summary>
    public static RequestDelegate Whole(byte[] body, int status = StatusCodes.Status200OK) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    };

    public static RequestDelegate Only(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    /// <summary>Announces the whole, sends the first bytes and closes the line.</summary>
    public static RequestDelegate CutOff(byte[] body, int after, string? tag = null) => async context =>
    {
        context.Response.ContentLength = body.Length;
        context.Response.Headers.ETag = tag;
        await context.Response.Body.WriteAsync(body.AsMemory(0, after), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    };

    /// <summary>What a range asks for, as a good server gives it: the whole where the tag is another.</summary>
    public static RequestDelegate Ranged(byte[] body, string? tag = null) => async context =>
    {
        var ifRange = context.Request.Headers.IfRange.ToString();
        var from = context.Request.GetTypedHeaders().Range?.Ranges.Single().From;
        context.Response.Headers.ETag = tag;
        if (from is null || (ifRange.Length > 0 && ifRange != tag))
        {
            await Whole(body)(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status206PartialContent;
        context.Response.Headers.ContentRange = $"bytes {from}-{body.Length - 1}/{body.Length}";
        context.Response.ContentLength = body.Length - from;
        await context.Response.Body.WriteAsync(body.AsMemory((int)from), context.RequestAborted);
    };

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
