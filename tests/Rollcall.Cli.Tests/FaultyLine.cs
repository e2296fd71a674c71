using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Rollcall.Cli.Tests;

/// <summary>What lies between the command and the server, and does to a request what a test says: true when it has answered in the server's place.</summary>
internal sealed class FaultyLine : IAsyncDisposable
{
    private static readonly string[] OfTheLine = ["Transfer-Encoding", "Connection", "Host", "Content-Length"];

    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };

    private FaultyLine(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <param name="server">Where requests go.</param>
    /// <param name="before">Before the request is passed on.</param>
    /// <param name="after">When the server has answered, before the answer is passed on.</param>
    public static async Task<FaultyLine> StartAsync(LiveServer server, Func<HttpContext, Task<bool>>? before = null, Func<HttpContext, Task<bool>>? after = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null).UseUrls("http://127.0.0.1:0");
        var line = new FaultyLine(builder.Build());
        line._app.Run(async context =>
        {
            if (before is not null && await before(context)) return;
            using var answer = await line.PassOnAsync(server, context);
            if (after is not null && await after(context)) return;
            context.Response.StatusCode = (int)answer.StatusCode;
            foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => !OfTheLine.Contains(header.Key))) context.Response.Headers[name] = values.ToArray();
            if (answer.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified) return;
            await using var content = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
            await content.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        await line._app.StartAsync();
        return line;
    }

    /// <summary>Answers with a status, as a proxy does, and no word of the server's.</summary>
    public static Task<bool> AnswerAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.FromResult(true);
    }

    /// <summary>The line breaks; nobody knows what became of the request.</summary>
    public static Task<bool> BreakAsync(HttpContext context)
    {
        context.Abort();
        return Task.FromResult(true);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task<HttpResponseMessage> PassOnAsync(LiveServer server, HttpContext context)
    {
        var asked = context.Request;
        using var request = new HttpRequestMessage(new HttpMethod(asked.Method), new Uri(server.Address, asked.Path + asked.QueryString.Value));
        if (asked.ContentLength > 0 || asked.Headers.TransferEncoding.Count > 0) request.Content = new StreamContent(asked.Body);
        foreach (var (name, values) in asked.Headers.Where(header => !OfTheLine.Contains(header.Key) && header.Key != "Expect"))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (string?[])values!)) request.Content?.Headers.TryAddWithoutValidation(name, (string?[])values!);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
    }
}
