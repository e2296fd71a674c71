using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests;

/// <summary>What only a real connection shows: what is sent when, and in which framing.</summary>
public sealed class LiveServerTests : IAsyncLifetime
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private RequestDelegate _answer = _ => Task.CompletedTask;

    public LiveServerTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(context => _answer(context));

        // A server slower than a second to say "go on" must not be a race in a test.
        _http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) });
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync(Cancelled);
        _http.BaseAddress = new Uri(_app.Urls.Single());
    }

    [Fact]
    public async Task A_refused_upload_opens_no_image()
    {
        var watch = new ImageWatch();
        _answer = async context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync(Samples.Failure(ErrorCodes.CollectionNotAllowed), Cancelled);
        };

        var exception = await Assert.ThrowsAsync<RollcallException>(
            () => new RollcallClient(_http).SubmitBatchAsync("col_1", watch.Entries(1, 1000, known: true), null, Cancelled));

        Assert.Equal(ErrorCodes.CollectionNotAllowed, exception.Code);
        Assert.Equal(0, watch.Opened);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_arrives_whole_with_its_length_or_in_chunks(bool known)
    {
        long received = 0;
        long? announced = null;
        _answer = async context =>
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            announced = context.Request.ContentLength;
            var form = await context.Request.ReadFormAsync(Cancelled);
            received = form.Files.GetFiles("images").Sum(file => file.Length);
            await context.Response.WriteAsync($$"""{"success": true, "data": {{Samples.Accepted}}}""", Cancelled);
        };

        await new RollcallClient(_http).SubmitBatchAsync("col_1", new ImageWatch().Entries(3, 1_000_000, known), null, Cancelled);

        Assert.Equal(3_000_000, received);
        Assert.Equal(known, announced is not null);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task An_image_that_changed_its_length_fails_the_upload(int change)
    {
        _answer = async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, Cancelled);
            await context.Response.WriteAsync($$"""{"success": true, "data": {{Samples.Accepted}}}""", Cancelled);
        };
        var image = new ImageFile("a.jpg", _ => ValueTask.FromResult<Stream>(new MemoryStream(new byte[1000]))) { Length = 1000 + change };

        await Assert.ThrowsAsync<HttpRequestException>(
            () => new RollcallClient(_http).SubmitBatchAsync("col_1", [new("1", image)], null, Cancelled));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }
}
