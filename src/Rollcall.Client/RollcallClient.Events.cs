using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    private const string EventStreamType = "text/event-stream";

    /// <summary>How often in a row a broken connection is made anew without an event coming over it.</summary>
    private const int MostReconnects = 10;

    // The server says something at least every 15 seconds.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Tells what happens to a job, as it happens: each item once as it becomes final, how far the job is, and at last its end.
    /// </summary>
    /// <remarks>
    /// A connection that ends or breaks before the job is finished is made anew, and no item is lost or told twice; a server that is busy or limits
    /// the rate is waited for. The server holds the request: a caller may have five of them and of polls that wait.
    /// </remarks>
    /// <param name="address">The job.</param>
    /// <param name="after">The <see cref="BatchEvent.Id"/> of the last event that was dealt with; null to be told everything.</param>
    /// <param name="cancellationToken">Ends the events; the job goes on.</param>
    /// <returns>
    /// The events, the last of which is <see cref="BatchEventKind.Done"/>; none when <paramref name="after"/> is that one.
    /// </returns>
    /// <exception cref="RollcallException">
    /// While the events are read: <see cref="ErrorCodes.BatchJobNotFound"/>, also for a job that is deleted meanwhile,
    /// <see cref="ErrorCodes.CollectionNotAllowed"/>, <see cref="ErrorCodes.InvalidRequest"/> for an id that is of no event of the job.
    /// </exception>
    public IAsyncEnumerable<BatchEvent> FollowBatchAsync(BatchAddress address, string? after = null, CancellationToken cancellationToken = default) =>
        FollowAsync($"{Route(address)}/events", after, cancellationToken);

    private async IAsyncEnumerable<BatchEvent> FollowAsync(string route, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var failures = 0;
        for (var first = true; ; first = false)
        {
            var (connection, isEnd) = await ConnectAsync(route, after, isLast: first || failures >= MostReconnects, cancellationToken).ConfigureAwait(false);
            if (isEnd) yield break;
            if (connection is not null)
            {
                await using (connection.ConfigureAwait(false))
                {
                    while (await connection.NextAsync().ConfigureAwait(false) is { } told)
                    {
                        (after, failures) = (told.Id, 0);
                        yield return told;
                        if (told.Kind == BatchEventKind.Done) yield break;
                    }
                }
            }

            if (connection is not null && failures >= MostReconnects)
                throw new HttpRequestException($"The server ended {MostReconnects + 1} connections in a row without telling an event.");
            await Task.Delay(PauseAfter(failures++), _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The connection; null when there is none now, or when all has been told before.</summary>
    private async Task<(EventConnection? Connection, bool IsEnd)> ConnectAsync(string route, string? after, bool isLast, CancellationToken cancellationToken)
    {
        while (true)
        {
            var response = await AskForEventsAsync(route, after, isLast, cancellationToken).ConfigureAwait(false);
            if (response is null) return (null, false);
            if (IsEventStream(response))
                return (await EventConnection.OpenAsync(response, LongestSilence, _options.TimeProvider, cancellationToken).ConfigureAwait(false), false);

            using (response)
            {
                if (response.StatusCode == HttpStatusCode.NoContent) return (null, true);
                if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
                {
                    await ThrowIfRefusedAsync(response, cancellationToken).ConfigureAwait(false);
                    throw new RollcallException(RollcallException.UnexpectedAnswer, $"The server's answer ({(int)response.StatusCode}) is no stream of events.")
                    {
                        Status = response.StatusCode,
                        RequestId = RequestIdOf(response),
                    };
                }

                var wait = RetryAfterOf(response) ?? UsualWait;
                await Task.Delay(wait > ShortestWait ? wait : ShortestWait, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Null when the server cannot be reached, unless that is to be told.</summary>
    private async Task<HttpResponseMessage?> AskForEventsAsync(string route, string? after, bool isLast, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, route); // Whoever follows asks anew by itself.
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(EventStreamType));
        if (after is not null) request.Headers.Add("Last-Event-ID", after);
        try
        {
            return await SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (
            !isLast && !cancellationToken.IsCancellationRequested && exception is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    private static bool IsEventStream(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentType?.MediaType == EventStreamType;

    private static TimeSpan PauseAfter(int failures)
    {
        var pause = ShortestPause * Math.Pow(2, Math.Min(failures, MostReconnects));
        return pause < LongestPause ? pause : LongestPause;
    }
}
