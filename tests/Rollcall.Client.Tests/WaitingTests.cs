using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests;

public sealed class WaitingTests : IDisposable, IProgress<BatchJob>
{
    private static readonly BatchAddress Address = BatchAddress.InCollection("col_1", "j");

    private readonly FakeServer _server = new();
    private readonly EagerTime _time = new();
    private readonly List<int> _told = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_waits_as_long_as_the_server_asks_and_two_seconds_when_it_does_not()
    {
        Queue("queued", 0, retryAfter: 5);
        Queue("processing", 1, retryAfter: null);
        Queue("done", 2, retryAfter: null);

        var job = await WaitAsync();

        Assert.Equal(JobStatus.Done, job.Status);
        Assert.Equal([TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2)], _time.Waits);
        Assert.Equal([0, 1, 2], _told);
    }

    [Fact]
    public async Task A_job_that_failed_is_an_end_too()
    {
        Queue("failed", 0, retryAfter: null);

        Assert.Equal(JobStatus.Failed, (await WaitAsync()).Status);
        Assert.Empty(_time.Waits);
    }

    [Fact]
    public async Task What_it_saw_is_not_sent_again()
    {
        Queue("processing", 1, retryAfter: 1, tag: "\"one\"");
        _server.Answer(HttpStatusCode.NotModified, "", headers => headers.RetryAfter = new(TimeSpan.FromSeconds(3)));
        Queue("done", 2, retryAfter: null, tag: "\"two\"");

        await WaitAsync();

        Assert.Equal(
            [null, "\"one\"", "\"one\""],
            _server.Requests.Select(request => request.Headers.GetValueOrDefault("If-None-Match")));
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)], _time.Waits);
        Assert.Equal([1, 2], _told);
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimitExceeded)]
    [InlineData(HttpStatusCode.ServiceUnavailable, ErrorCodes.ServiceBusy)]
    public async Task A_busy_server_is_waited_for(HttpStatusCode status, string code)
    {
        _server.Answer(status, Samples.Failure(code), headers => headers.RetryAfter = new(TimeSpan.FromSeconds(30)));
        Queue("done", 2, retryAfter: null);

        Assert.Equal(JobStatus.Done, (await WaitAsync()).Status);
        Assert.Equal([TimeSpan.FromSeconds(30)], _time.Waits);
    }

    [Fact]
    public async Task A_server_that_asks_for_no_wait_is_not_hammered()
    {
        Queue("processing", 1, retryAfter: 0);
        Queue("done", 2, retryAfter: null);

        await WaitAsync();

        Assert.Equal([TimeSpan.FromMilliseconds(200)], _time.Waits);
    }

    [Fact]
    public async Task An_error_ends_the_wait()
    {
        _server.Answer(HttpStatusCode.NotFound, Samples.Failure(ErrorCodes.BatchJobNotFound));

        var exception = await Assert.ThrowsAsync<RollcallException>(WaitAsync);

        Assert.Equal(ErrorCodes.BatchJobNotFound, exception.Code);
    }

    [Fact]
    public async Task It_can_be_cancelled_between_two_looks()
    {
        Queue("processing", 1, retryAfter: 60);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var client = _server.Client(new() { TimeProvider = new FakeTimeProvider() });

        var waiting = client.WaitForCompletionAsync(Address, cancellationToken: cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    public void Dispose() => _server.Dispose();

    void IProgress<BatchJob>.Report(BatchJob value) => _told.Add(value.Processed);

    private Task<BatchJob> WaitAsync() => _server.Client(new() { TimeProvider = _time }).WaitForCompletionAsync(
        Address, BatchResults.None, progress: this, Cancelled);

    private void Queue(string status, int processed, int? retryAfter, string? tag = null) => _server.Answer(
        HttpStatusCode.OK,
        $$"""{"success": true, "data": {{Samples.Job(status, processed)}}}""",
        headers =>
        {
            headers.RetryAfter = retryAfter is { } seconds ? new RetryConditionHeaderValue(TimeSpan.FromSeconds(seconds)) : null;
            headers.ETag = tag is null ? null : new EntityTagHeaderValue(tag);
        });
}
