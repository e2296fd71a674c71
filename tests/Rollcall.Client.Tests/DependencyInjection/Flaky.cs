using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Rollcall.Client.Tests.DependencyInjection;

/// <summary>A server that fails as the test says, each time in another way, and then does what it is asked.</summary>
internal sealed class Flaky(string data) : HttpMessageHandler
{
    private readonly Queue<Func<CancellationToken, Task<HttpResponseMessage>>> _failures = new();

    public List<string> Bodies { get; } = [];

    public List<HttpRequestMessage> Asked { get; } = [];

    public Flaky Fails(Exception with)
    {
        _failures.Enqueue(_ => throw with);
        return this;
    }

    public Flaky Fails(HttpStatusCode status, string? code = null, int? retryAfter = null, string? body = null)
    {
        _failures.Enqueue(_ => Task.FromResult(Answer(status, code is null ? body ?? "" : Samples.Failure(code), retryAfter)));
        return this;
    }

    public Flaky Hangs()
    {
        _failures.Enqueue(async cancellationToken =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException("Nobody gets here.");
        });
        return this;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Add(request);
        Bodies.Add(request.Content is null ? "" : Encoding.Latin1.GetString(await ReadAsync(request.Content, cancellationToken)));
        return _failures.TryDequeue(out var failure)
            ? await failure(cancellationToken)
            : Answer(HttpStatusCode.OK, $$"""{"success": true, "data": {{data}}}""", null);
    }

    // As a connection does it: what is buffered would be the same the second time whatever had become of its source.
    private static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var read = new MemoryStream();
        await content.CopyToAsync(read, cancellationToken);
        return read.ToArray();
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string body, int? retryAfter)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (retryAfter is { } seconds) answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(seconds));
        return answer;
    }
}
