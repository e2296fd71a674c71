using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Cli.Access;
using Rollcall.Client;

namespace Rollcall.Cli.Tests.Access;

public sealed class CallLimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(100, 0)]
    [InlineData(130, 30)]
    public async Task A_server_that_does_not_answer_is_given_up_after_its_time(int seconds, int extra)
    {
        using var limit = new CallLimit(new Mute(null), _time);
        var call = AskAsync(limit, TimeSpan.FromSeconds(extra));

        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        var given = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.IsType<TimeoutException>(given.InnerException);
    }

    [Fact]
    public async Task An_answer_that_stops_half_way_is_none()
    {
        using var limit = new CallLimit(new Mute("application/json"), _time);
        var call = AskAsync(limit, TimeSpan.Zero);

        _time.Advance(TimeSpan.FromSeconds(100));

        await Assert.ThrowsAsync<TaskCanceledException>(() => call);
    }

    [Fact]
    public async Task Events_may_take_as_long_as_they_like()
    {
        using var limit = new CallLimit(new Mute("text/event-stream"), _time);

        using var answer = await AskAsync(limit, TimeSpan.Zero);
        _time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> AskAsync(CallLimit limit, TimeSpan extra)
    {
        using var invoker = new HttpMessageInvoker(limit, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://server/");
        request.Options.Set(RollcallRequest.ExtraTime, extra);
        return await invoker.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Says nothing, or begins to say something of a type and says no more.</summary>
    private sealed class Mute(string? type) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (type is null) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            var content = new Endless();
            content.Headers.ContentType = new MediaTypeHeaderValue(type!);
            return new HttpResponseMessage { Content = content };
        }
    }

    private sealed class Endless : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
