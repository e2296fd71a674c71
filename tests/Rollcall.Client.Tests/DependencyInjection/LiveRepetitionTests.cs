using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Rollcall.Client.Tests.DependencyInjection;

/// <summary>Repetitions over real connections: how a line really breaks.</summary>
public sealed class LiveRepetitionTests : IAsyncLifetime
{
    private readonly WebApplication _server;
    private readonly ServiceProvider _services;
    private readonly Queue<RequestDelegate> _answers = new();
    private readonly List<long> _received = [];

    public LiveRepetitionTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Run(context => _answers.Dequeue()(context));
        _services = new ServiceCollection()
            .AddRollcallClient(setup => (setup.Address, setup.TimeProvider) = (new Uri(_server.Urls.Single()), new EagerTime { Limit = Timeout.InfiniteTimeSpan }))
            .Services.BuildServiceProvider();
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancelled);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_whose_line_breaks_half_way_arrives_whole_the_next_time(bool known)
    {
        _answers.Enqueue(async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[1_000_000], Cancelled);
            context.Abort();
        });
        _answers.Enqueue(TakeAllAsync);
        var images = new ImageWatch();

        var accepted = await _services.GetRequiredService<RollcallClient>().SubmitBatchAsync(
            "col_1", images.Entries(3, 2_000_000, known), new() { IdempotencyKey = "k" }, Cancelled);

        Assert.Equal("j", accepted.JobId);
        Assert.Equal([6_000_000], _received);
        Assert.Equal(0, images.Open);
    }

    [Fact]
    public async Task An_answer_that_was_lost_or_broke_off_is_asked_for_again_and_a_server_that_is_not_there_is_told_in_the_end()
    {
        _answers.Enqueue(async context =>
        {
            await TakeAllAsync(context, answer: false);
            context.Abort();
        });
        _answers.Enqueue(TakeAllAsync);
        var client = _services.GetRequiredService<RollcallClient>();

        await client.SubmitBatchAsync("col_1", new ImageWatch().Entries(1, 1000, known: true), new() { IdempotencyKey = "k" }, Cancelled);
        Assert.Equal([1000, 1000], _received);

        _answers.Enqueue(async context =>
        {
            (context.Response.ContentType, context.Response.ContentLength) = ("application/json", 1000);
            await context.Response.WriteAsync("""{"success": true, "da""", Cancelled);
            await context.Response.Body.FlushAsync(Cancelled);
            context.Abort();
        });
        _answers.Enqueue(context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync($$"""{"success": true, "data": {{Samples.Collection}}}""", Cancelled);
        });
        Assert.Equal("col_1", (await client.GetCollectionAsync("col_1", Cancelled)).Id);

        await _server.StopAsync(Cancelled);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetCollectionAsync("col_1", Cancelled));
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _server.DisposeAsync();
    }

    private Task TakeAllAsync(HttpContext context) => TakeAllAsync(context, answer: true);

    private async Task TakeAllAsync(HttpContext context, bool answer)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        var form = await context.Request.ReadFormAsync(Cancelled);
        _received.Add(form.Files.GetFiles("images").Sum(file => file.Length));
        if (answer) await context.Response.WriteAsync($$"""{"success": true, "data": {{Samples.Accepted}}}""", Cancelled);
    }
}
