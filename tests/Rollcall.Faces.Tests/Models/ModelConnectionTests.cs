using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Faces.Models;
using static Rollcall.Faces.Tests.Models.FileServer;

namespace Rollcall.Faces.Tests.Models;

/// <summary>Lines that are slow, silent, open or never come about, and redirections.</summary>
public sealed class ModelConnectionTests : ModelDownloads
{
    [Fact]
    public async Task A_slow_server_is_waited_for_as_long_as_it_sends()
    {
        using var next = new SemaphoreSlim(0);
        await using var server = await StartAsync(async context =>
        {
            context.Response.ContentLength = Right.Length;
            foreach (var piece in Right.Chunk(Right.Length / 6))
            {
                await next.WaitAsync(context.RequestAborted);
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        });

        var obtained = ObtainAsync(server, readTimeout: TimeSpan.FromSeconds(30));
        for (var sent = 0; sent < 6; sent++)
        {
            await UntilAsync(() => server.Asked.Count == 1 && (sent == 0 || new FileInfo(Part).Length == sent * Right.Length / 6));
            Time.Advance(TimeSpan.FromSeconds(25));
            next.Release();
        }

        await obtained;
        AssertWholeAndAlone();
        Assert.Single(server.Asked);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Half)]
    public async Task A_server_that_falls_silent_is_given_up(int after)
    {
        await using var server = await StartAsync(async context =>
        {
            if (after > 0 && context.Request.Headers.Range.Count == 0)
            {
                context.Response.ContentLength = Right.Length;
                await context.Response.Body.WriteAsync(Right.AsMemory(0, after), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });

        var obtained = ObtainAsync(server, readTimeout: TimeSpan.FromSeconds(30));
        await UntilAsync(() => after == 0 ? server.Asked.Count == 1 : File.Exists(Part) && new FileInfo(Part).Length == after);
        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => PassAsync(obtained));

        Assert.Contains("silent for 30 s", failure.Message, StringComparison.Ordinal);
        Assert.Equal(after > 0, File.Exists(Part));
    }

    [Fact]
    public async Task A_redirection_is_followed()
    {
        await using var server = await StartAsync(
            context =>
            {
                context.Response.Redirect("/elsewhere");
                return Task.CompletedTask;
            },
            Whole(Right));

        await PassAsync(ObtainAsync(server));

        AssertWholeAndAlone();
    }

    [Fact]
    public async Task Nothing_is_asked_over_an_open_line() =>
        await RefusedAsync(new Uri("http://models.example/model.onnx"), "neither https nor on this machine");

    [Fact]
    public async Task What_an_open_line_led_to_is_not_taken()
    {
        using var http = new HttpClient(new RedirectedHandler());
        var file = FileAt(new Uri("https://models.example/model.onnx"));
        var store = new ModelStore(new() { Cache = Root }, http, Time, NullLogger<ModelStore>.Instance);

        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => store.ObtainFileAsync(PackOf(file), file, Cancelled));

        Assert.Contains("leads to http://open.example/", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Cached));
    }

    [Fact]
    public async Task A_connection_that_does_not_come_about_is_no_silence()
    {
        using var http = new HttpClient(new UnconnectedHandler());
        var file = FileAt(new Uri("https://models.example/model.onnx"));
        var store = new ModelStore(new() { Cache = Root, TriesInVain = 1 }, http, Time, NullLogger<ModelStore>.Instance);

        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => store.ObtainFileAsync(PackOf(file), file, Cancelled));

        Assert.Contains("no connection in time", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("silent", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>As if a server far away had sent the request on to an address without TLS.</summary>
    private sealed class RedirectedHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage
            {
                Content = new ByteArrayContent(Right),
                RequestMessage = new HttpRequestMessage(HttpMethod.Get, "http://open.example/model.onnx"),
            });
    }

    /// <summary>As the platform's does after its own limit for a connection.</summary>
    private sealed class UnconnectedHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new TaskCanceledException("no connection in time");
    }
}
