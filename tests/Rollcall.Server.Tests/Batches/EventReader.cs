using System.Text.Json.Nodes;

namespace Rollcall.Server.Tests.Batches;

/// <summary>An event as it came.</summary>
internal sealed record Told(string Type, string Id, JsonObject Data)
{
    public int Processed => Data["processed"]!.GetValue<int>();

    public int Index => Data["index"]!.GetValue<int>();
}

/// <summary>Reads a job's events line by line, and counts the comments between them.</summary>
internal sealed class EventReader : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly StreamReader _lines;
    private int _comments;

    private EventReader(HttpResponseMessage answer, Stream body) => (Answer, _lines) = (answer, new StreamReader(body));

    public HttpResponseMessage Answer { get; }

    public int Comments => Volatile.Read(ref _comments);

    public static async Task<EventReader> OpenAsync(HttpClient client, string job, string? after = null)
    {
        var answer = await AskAsync(client, job, after);
        Assert.True(answer.IsSuccessStatusCode, answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync());
        return new EventReader(answer, await answer.Content.ReadAsStreamAsync());
    }

    /// <summary>The answer as soon as its headers are there.</summary>
    public static async Task<HttpResponseMessage> AskAsync(HttpClient client, string job, string? after = null, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, $"{job}/events");
        if (after is not null) request.Headers.Add("Last-Event-ID", after);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The next event; null when the stream has come to its end, and not when it broke.</summary>
    public async Task<Told?> NextAsync()
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await _lines.ReadLineAsync().WaitAsync(Limit) is { } line)
        {
            if (line.StartsWith(':')) Interlocked.Increment(ref _comments);
            else if (line.Length > 0) fields.Add(line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimStart());
            else if (fields.Count > 0) return new Told(fields["event"], fields["id"], JsonNode.Parse(fields["data"])!.AsObject());
        }

        Assert.Empty(fields);
        return null;
    }

    public async Task<IReadOnlyList<Told>> RestAsync()
    {
        var told = new List<Told>();
        while (await NextAsync() is { } next) told.Add(next);
        return told;
    }

    public void Dispose()
    {
        _lines.Dispose();
        Answer.Dispose();
    }
}
