using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Rollcall.Client.Tests;

/// <summary>Answers what the test queued, in that order, and keeps what it was asked.</summary>
internal sealed class FakeServer : HttpMessageHandler
{
    private readonly Queue<HttpResponseMessage> _answers = new();

    public List<Asked> Requests { get; } = [];

    public RollcallClient Client(RollcallClientOptions? options = null, string address = "http://rollcall.example/") =>
        new(new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri(address) }, options);

    public FakeServer Answer(HttpStatusCode status, string body, Action<HttpResponseHeaders>? headers = null)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        headers?.Invoke(answer.Headers);
        _answers.Enqueue(answer);
        return this;
    }

    public FakeServer Answer(HttpContent body)
    {
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        _answers.Enqueue(new HttpResponseMessage(HttpStatusCode.OK) { Content = body });
        return this;
    }

    public FakeServer Answer(string data) => Answer(HttpStatusCode.OK, $$"""{"success": true, "data": {{data}}}""");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        Requests.Add(new Asked(
            $"{request.Method} {request.RequestUri!.AbsoluteUri}",
            body,
            request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
                .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase)));
        return _answers.Dequeue();
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var answer in _answers)
        {
            answer.Dispose();
        }

        base.Dispose(disposing);
    }
}

internal sealed record Asked(string Line, string? Body, IReadOnlyDictionary<string, string> Headers);
