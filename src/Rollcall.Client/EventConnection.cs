using System.Net.ServerSentEvents;
using System.Text.Json;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>One connection over which events of a job come.</summary>
internal sealed class EventConnection : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly SseParser<BatchEvent?> _parser;
    private readonly IAsyncEnumerator<SseItem<BatchEvent?>> _events;

    private EventConnection(HttpResponseMessage response, Stream stream, CancellationToken cancellationToken)
    {
        _response = response;
        _parser = SseParser.Create(stream, Read);
        _events = _parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    public static async Task<EventConnection> OpenAsync(
        HttpResponseMessage response, TimeSpan longestSilence, TimeProvider time, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return new EventConnection(response, new AttentiveStream(stream, longestSilence, time), cancellationToken);
    }

    /// <summary>The next event of a kind that is known; null when the connection has ended or broken.</summary>
    public async Task<BatchEvent?> NextAsync()
    {
        try
        {
            while (await _events.MoveNextAsync().ConfigureAwait(false))
            {
                if (_events.Current.Data is { } told) return told with { Id = _parser.LastEventId };
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            // As if it had ended: what is missing comes over the next one.
        }
        catch (JsonException exception)
        {
            throw new RollcallException(RollcallException.UnexpectedAnswer, "The server told an event that this client does not understand.", exception)
            {
                Status = _response.StatusCode,
            };
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _events.DisposeAsync().ConfigureAwait(false);
        _response.Dispose();
    }

    private static BatchEvent? Read(string type, ReadOnlySpan<byte> data) => type switch
    {
        "progress" => new BatchEvent { Id = "", Kind = BatchEventKind.Progress, Job = Of(data, RollcallJsonContext.Default.BatchJob) },
        "item" => new BatchEvent { Id = "", Kind = BatchEventKind.Item, Item = Of(data, RollcallJsonContext.Default.BatchItem) },
        "done" => new BatchEvent { Id = "", Kind = BatchEventKind.Done, Job = Of(data, RollcallJsonContext.Default.BatchJob) },
        _ => null,
    };

    private static T Of<T>(ReadOnlySpan<byte> data, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class => JsonSerializer.Deserialize(data, type) ?? throw new JsonException("An event without data.");
}
