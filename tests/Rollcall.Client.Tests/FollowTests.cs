using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests;

/// <summary>Events of a job over lines that end, break and fall silent.</summary>
public sealed class FollowTests : IDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    private readonly Line _line = new();
    private readonly EagerTime _time = new() { Limit = Silence };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_event_comes_as_it_was_told_and_done_is_the_last()
    {
        _line.Tells(Progress("j-0"), ": quiet\n\n", Item("j-2", 1), "event: later\nid: j-2\ndata: {}\n\n", Item("j-3", 0), Done("j-3-end"), Item("j-7", 2));

        var told = await FollowAsync();

        Assert.Equal([BatchEventKind.Progress, BatchEventKind.Item, BatchEventKind.Item, BatchEventKind.Done], told.Select(one => one.Kind));
        Assert.Equal(["j-0", "j-2", "j-3", "j-3-end"], told.Select(one => one.Id));
        Assert.Equal([1, 0], told.Where(one => one.Item is not null).Select(one => one.Item!.Index));
        Assert.Equal([JobStatus.Processing, JobStatus.Done], told.Where(one => one.Job is not null).Select(one => one.Job!.Status));
        Assert.Equal(("http://rollcall.example/api/v1/collections/col_1/batch/j/events", "text/event-stream", (string?)null), Assert.Single(_line.Asked));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_line_that_ends_or_breaks_early_is_gone_on_with_after_the_last_event(bool breaks)
    {
        if (breaks) _line.Breaks(Progress("j-0"), Item("j-1", 0), "event: item\nid: j-3\ndata: {\"in");
        else _line.Tells(Progress("j-0"), Item("j-1", 0));
        _line.Fails().Fails().Tells(Progress("j-1"), Item("j-3", 1), Done("j-3-end"));

        var told = await FollowAsync();

        Assert.Equal([0, 1], told.Where(one => one.Item is not null).Select(one => one.Item!.Index));
        Assert.Equal([null, "j-1", "j-1", "j-1"], _line.Asked.Select(asked => asked.After));
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)], _time.Waits);
    }

    [Fact]
    public async Task A_line_that_falls_silent_is_taken_for_broken_and_one_with_comments_is_not()
    {
        var time = new FakeTimeProvider();
        var quiet = _line.TellsAndStays(Progress("j-0"));
        _line.Tells(Done("j-0-end"));
        await using var events = Client(time).FollowBatchAsync(BatchAddress.InCollection("col_1", "j"), cancellationToken: Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.True(await events.MoveNextAsync());

        var next = events.MoveNextAsync().AsTask();
        await quiet.ReadOnceAsync();
        for (var i = 0; i < 3; i++)
        {
            time.Advance(Silence - TimeSpan.FromSeconds(1));
            await quiet.SayAsync(":\n\n");
        }

        Assert.Single(_line.Asked);
        Assert.False(next.IsCompleted);
        while (!next.IsCompleted)
        {
            time.Advance(Silence);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancelled);
        }

        Assert.True(await next);
        Assert.Equal(BatchEventKind.Done, events.Current.Kind);
        Assert.Equal([null, "j-0"], _line.Asked.Select(asked => asked.After));
    }

    [Fact]
    public async Task A_busy_server_is_waited_for_and_a_refusal_is_thrown()
    {
        _line.Answers(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimitExceeded, retryAfter: 7).Answers(HttpStatusCode.ServiceUnavailable, ErrorCodes.ServiceBusy, retryAfter: 3)
            .Answers(HttpStatusCode.NotFound, ErrorCodes.BatchJobNotFound);

        var refused = await Assert.ThrowsAsync<RollcallException>(() => FollowAsync());

        Assert.Equal(ErrorCodes.BatchJobNotFound, refused.Code);
        Assert.Equal([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(3)], _time.Waits);
    }

    [Fact]
    public async Task After_the_end_there_is_nothing_more()
    {
        _line.Answers(HttpStatusCode.NoContent);

        Assert.Empty(await FollowAsync(after: "j-3-end"));
        Assert.Equal("j-3-end", Assert.Single(_line.Asked).After);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_at_first_is_told_at_once_and_one_that_stays_away_after_ten_tries()
    {
        _line.Fails();
        await Assert.ThrowsAsync<HttpRequestException>(() => FollowAsync());
        Assert.Empty(_time.Waits);

        _line.Asked.Clear();
        _line.Tells(Progress("j-0"));
        for (var i = 0; i < 10; i++) _line.Fails();
        await Assert.ThrowsAsync<HttpRequestException>(() => FollowAsync());

        Assert.Equal(11, _line.Asked.Count);
        Assert.Equal([1, 2, 4, 8, 16, 30, 30, 30, 30, 30], _time.Waits.Select(wait => (int)wait.TotalSeconds));
    }

    [Fact]
    public async Task A_server_that_ends_each_line_without_an_event_is_not_asked_for_ever()
    {
        for (var i = 0; i < 12; i++) _line.Tells(": nothing to tell\n\n");

        await Assert.ThrowsAsync<HttpRequestException>(() => FollowAsync());

        Assert.Equal(11, _line.Asked.Count);
    }

    [Fact]
    public async Task What_is_no_event_and_what_is_no_stream_is_an_unexpected_answer()
    {
        _line.Tells("event: item\nid: j-1\ndata: {\"index\": \n\n");
        Assert.Equal(RollcallException.UnexpectedAnswer, (await Assert.ThrowsAsync<RollcallException>(() => FollowAsync())).Code);

        _line.Answers(HttpStatusCode.OK);
        Assert.Equal(RollcallException.UnexpectedAnswer, (await Assert.ThrowsAsync<RollcallException>(() => FollowAsync())).Code);
    }

    [Fact]
    public async Task It_can_be_cancelled_while_nothing_comes()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        _line.TellsAndStays(Progress("j-0"));
        await using var events = Client(new FakeTimeProvider()).FollowBatchAsync(BatchAddress.InCollection("col_1", "j"), cancellationToken: cancel.Token).GetAsyncEnumerator(Cancelled);
        await events.MoveNextAsync();

        var next = events.MoveNextAsync().AsTask();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    public void Dispose() => _line.Dispose();

    private RollcallClient Client(TimeProvider time) =>
        new(new HttpClient(_line, disposeHandler: false) { BaseAddress = new Uri("http://rollcall.example") }, new() { TimeProvider = time });

    private async Task<IReadOnlyList<BatchEvent>> FollowAsync(string? after = null)
    {
        var told = new List<BatchEvent>();
        await foreach (var one in Client(_time).FollowBatchAsync(BatchAddress.InCollection("col_1", "j"), after, Cancelled)) told.Add(one);
        return told;
    }

    private static string Progress(string id) => Event("progress", id, Samples.Job("processing"));

    private static string Done(string id) => Event("done", id, Samples.Job("done", 2));

    private static string Item(string id, int index) =>
        Event("item", id, $$"""{"index": {{index}}, "external_id": "e", "face_id": "face_1", "success": true, "outcome": "enrolled"}""");

    private static string Event(string type, string id, string data) => $"event: {type}\nid: {id}\ndata: {data.ReplaceLineEndings(" ")}\n\n";

    /// <summary>The server at the other end: does what the test queued, one after the other.</summary>
    private sealed class Line : HttpMessageHandler
    {
        private readonly Queue<Func<HttpResponseMessage>> _answers = new();

        public List<(string Address, string Accept, string? After)> Asked { get; } = [];

        public Line Tells(params string[] events) => Answers(new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(events))));

        public Line Breaks(params string[] events)
        {
            var voice = new Voice(string.Concat(events));
            voice.Break();
            return Answers(voice);
        }

        public Voice TellsAndStays(params string[] events)
        {
            var voice = new Voice(string.Concat(events));
            Answers(voice);
            return voice;
        }

        public Line Fails()
        {
            _answers.Enqueue(() => throw new HttpRequestException("Nobody there."));
            return this;
        }

        public Line Answers(HttpStatusCode status, string? code = null, int? retryAfter = null)
        {
            _answers.Enqueue(() =>
            {
                var answer = new HttpResponseMessage(status) { Content = new StringContent(code is null ? "" : Samples.Failure(code), Encoding.UTF8, "application/json") };
                if (retryAfter is { } seconds) answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(seconds));
                return answer;
            });
            return this;
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var after = request.Headers.TryGetValues("Last-Event-ID", out var ids) ? ids.Single() : null;
            Asked.Add((request.RequestUri!.AbsoluteUri, request.Headers.Accept.ToString(), after));
            return Task.FromResult(_answers.Dequeue()());
        }

        private Line Answers(Stream body)
        {
            _answers.Enqueue(() => new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StreamContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("text/event-stream") } },
            });
            return this;
        }
    }
}
