using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;

namespace Rollcall.Client.Tests.DependencyInjection;

/// <summary>How long an attempt may take, and what may take longer.</summary>
public sealed class AttemptTests
{
    private static readonly BatchAddress Job = BatchAddress.InCollection("col_1", "j");
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(100);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_does_not_answer_is_asked_again_and_then_time_is_up()
    {
        var time = new FakeTimeProvider();
        var server = new Flaky(Samples.Collection).Hangs();
        using var service = new Service(server, setup => (setup.AttemptTimeout, setup.TimeProvider) = (Usual, time));

        var asked = service.Client.GetCollectionAsync("col_1", Cancelled);
        time.Advance(Usual - TimeSpan.FromSeconds(1));
        Assert.Single(server.Asked);
        await PassAsync(time, asked);
        Assert.Equal(("col_1", 2), ((await asked).Id, server.Asked.Count));

        server = new Flaky(Samples.Collection).Hangs().Hangs().Hangs();
        using var other = new Service(server, setup => (setup.AttemptTimeout, setup.TimeProvider, setup.Retries) = (Usual, time, 2));
        asked = other.Client.GetCollectionAsync("col_1", Cancelled);
        await PassAsync(time, asked);
        var timeIsUp = await Assert.ThrowsAsync<TaskCanceledException>(() => asked);
        Assert.IsType<TimeoutException>(timeIsUp.InnerException);
        Assert.Equal(3, server.Asked.Count);
    }

    [Fact]
    public async Task What_the_server_is_to_hold_has_that_time_more()
    {
        var time = new FakeTimeProvider();
        var server = new Flaky(Samples.Job("done", 2)).Hangs();
        using var service = new Service(server, setup => (setup.AttemptTimeout, setup.TimeProvider) = (Usual, time));

        var asked = service.Client.WaitForChangeAsync(Job, TimeSpan.FromSeconds(60), cancellationToken: Cancelled);
        time.Advance(TimeSpan.FromSeconds(159));
        Assert.Equal((1, false), (server.Asked.Count, asked.IsCompleted));

        await PassAsync(time, asked);
        Assert.Equal(2, server.Asked.Count);
    }

    [Fact]
    public async Task An_answer_that_stalls_in_its_middle_is_asked_for_again()
    {
        var time = new FakeTimeProvider();
        using var server = new FakeServer();
        server.Answer(new StreamContent(new Voice("""{"success": true, "da"""))).Answer(Samples.Collection);
        using var service = new Service(server, setup => (setup.AttemptTimeout, setup.TimeProvider) = (Usual, time));

        var asked = service.Client.GetCollectionAsync("col_1", Cancelled);
        await PassAsync(time, asked);

        Assert.Equal(("col_1", 2), ((await asked).Id, server.Requests.Count));
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_not_waited_for()
    {
        var server = new Flaky(Samples.Collection).Hangs();
        using var service = new Service(server);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);

        var asked = service.Client.GetCollectionAsync("col_1", enough.Token);
        await enough.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_stream_of_events_goes_on_for_longer_than_any_attempt_may_take()
    {
        var time = new FakeTimeProvider();
        var voice = new Voice($"event: progress\nid: j-0\ndata: {Samples.Job("processing").ReplaceLineEndings(" ")}\n\n");
        using var service = new Service(new Events(voice), setup => (setup.AttemptTimeout, setup.TimeProvider) = (Usual, time));
        await using var events = service.Client.FollowBatchAsync(Job, cancellationToken: Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.True(await events.MoveNextAsync());

        var next = events.MoveNextAsync().AsTask();
        await voice.ReadOnceAsync();
        for (var passed = TimeSpan.Zero; passed < 3 * Usual; passed += TimeSpan.FromSeconds(50))
        {
            time.Advance(TimeSpan.FromSeconds(50));
            await voice.SayAsync(":\n\n");
        }

        var said = voice.SayAsync($"event: done\nid: j-end\ndata: {Samples.Job("done", 2).ReplaceLineEndings(" ")}\n\n");
        Assert.True(await next);
        Assert.Equal(BatchEventKind.Done, events.Current.Kind);
        Assert.False(await events.MoveNextAsync());
        _ = said;
    }

    private static async Task PassAsync(FakeTimeProvider time, Task until)
    {
        while (!until.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancelled);
        }
    }

    private sealed class Events(Stream body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) };
            answer.Content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
            return Task.FromResult(answer);
        }
    }
}
