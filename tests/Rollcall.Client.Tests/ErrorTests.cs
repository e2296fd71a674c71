using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests;

public sealed class ErrorTests : IDisposable
{
    private readonly FakeServer _server = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task An_error_answer_becomes_an_exception_with_all_that_it_says()
    {
        _server.Answer(HttpStatusCode.UnprocessableEntity, Samples.Failure(ErrorCodes.IdentityMismatch));

        var exception = await RefusedAsync();

        Assert.Equal(ErrorCodes.IdentityMismatch, exception.Code);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, exception.Status);
        Assert.Equal("why", exception.Message);
        Assert.Equal("req-1", exception.RequestId);
        Assert.Equal(0.25, (double)exception.Details!["similarity"]!);
        Assert.Null(exception.RetryAfter);
        Assert.Null(exception.InnerException);
    }

    [Fact]
    public async Task Retry_after_is_read_in_seconds()
    {
        _server.Answer(
            HttpStatusCode.TooManyRequests,
            Samples.Failure(ErrorCodes.RateLimitExceeded),
            headers => headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7)));

        Assert.Equal(TimeSpan.FromSeconds(7), (await RefusedAsync()).RetryAfter);
    }

    [Fact]
    public async Task What_is_left_of_the_limits_is_told_with_a_refusal()
    {
        _server.Answer(
            HttpStatusCode.TooManyRequests,
            Samples.Failure(ErrorCodes.RateLimitExceeded),
            headers => headers.TryAddWithoutValidation("RateLimit", ["\"requests\";r=5000;t=30, \"submits\"; r=0; t=12", "\"other\";r=1", "\"broken\";r=x", ";r=1", "\"none\""]));

        var limits = (await RefusedAsync()).RateLimits;

        Assert.Equal(
            [("requests", 5000, TimeSpan.FromSeconds(30)), ("submits", 0, TimeSpan.FromSeconds(12)), ("other", 1, null)],
            limits.Select(limit => (limit.Policy, limit.Remaining, limit.ResetsIn)));
        _server.Answer(HttpStatusCode.NotFound, Samples.Failure(ErrorCodes.CollectionNotFound));
        Assert.Empty((await RefusedAsync()).RateLimits);
    }

    [Theory]
    [InlineData(60, 60)]
    [InlineData(-60, 0)]
    public async Task Retry_after_is_read_as_a_date_by_the_clients_clock(int offset, int expected)
    {
        _server.Answer(
            HttpStatusCode.ServiceUnavailable,
            Samples.Failure(ErrorCodes.ServiceBusy),
            headers => headers.RetryAfter = new RetryConditionHeaderValue(_time.GetUtcNow().AddSeconds(offset)));

        Assert.Equal(TimeSpan.FromSeconds(expected), (await RefusedAsync()).RetryAfter);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadGateway, "<html>no</html>")]
    [InlineData(HttpStatusCode.BadGateway, "")]
    [InlineData(HttpStatusCode.BadRequest, "{}")]
    [InlineData(HttpStatusCode.BadRequest, "null")]
    [InlineData(HttpStatusCode.OK, "<html>log in</html>")]
    [InlineData(HttpStatusCode.OK, """{"success": true}""")]
    [InlineData(HttpStatusCode.OK, """{"success": true, "data": {"id": "col_1"}}""")]
    public async Task Something_that_is_not_the_servers_is_told_apart(HttpStatusCode status, string body)
    {
        _server.Answer(status, body, headers => headers.Add("X-Request-Id", "req-2"));

        var exception = await RefusedAsync();

        Assert.Equal(RollcallException.UnexpectedAnswer, exception.Code);
        Assert.Equal(status, exception.Status);
        Assert.Equal("req-2", exception.RequestId);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_a_line_that_failed()
    {
        var voice = new Voice("""{"success": true, "da""");
        voice.Break();
        _server.Answer(new StreamContent(voice));

        var failure = await Assert.ThrowsAsync<HttpRequestException>(
            () => _server.Client().GetCollectionAsync("col_1", TestContext.Current.CancellationToken));

        Assert.Equal(HttpRequestError.ResponseEnded, failure.HttpRequestError);
    }

    public void Dispose() => _server.Dispose();

    private Task<RollcallException> RefusedAsync() => Assert.ThrowsAsync<RollcallException>(
        () => _server.Client(new() { TimeProvider = _time }).GetCollectionAsync("col_1", TestContext.Current.CancellationToken));
}
