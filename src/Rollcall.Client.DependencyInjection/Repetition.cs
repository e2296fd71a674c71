using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>
/// What is sent again, and when: what <see cref="RollcallRequest.MayBeRepeated"/> and failed for a reason that may pass. A fault of the server is none,
/// nor is a file that cannot be read.
/// </summary>
internal sealed class Repetition(RollcallClientSetup setup)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly JsonTypeInfo<ApiFailure> FailureType = (JsonTypeInfo<ApiFailure>)RollcallJson.Options.GetTypeInfo(typeof(ApiFailure));

    public HttpRetryStrategyOptions Strategy() => new()
    {
        MaxRetryAttempts = setup.Retries,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = FirstPause < setup.LongestPause ? FirstPause : setup.LongestPause,
        MaxDelay = setup.LongestPause,
        DelayGenerator = failed => ValueTask.FromResult(PauseAfter(failed.Outcome.Result)),
        ShouldHandle = ShouldRepeatAsync,
    };

    private async ValueTask<bool> ShouldRepeatAsync(RetryPredicateArguments<HttpResponseMessage> failed)
    {
        var mayBeRepeated = failed.Context.GetRequestMessage() is { } request && request.Options.TryGetValue(RollcallRequest.MayBeRepeated, out var may) && may;
        if (!mayBeRepeated || failed.Context.CancellationToken.IsCancellationRequested) return false;
        return failed.Outcome switch
        {
            { Exception: { } exception } => IsOfTheLine(exception),
            { Result: { } answer } => RetryAfterOf(answer) is not { } wait || wait <= setup.LongestPause
                ? await MayPassAsync(answer, failed.Context.CancellationToken).ConfigureAwait(false)
                : false,
            _ => false,
        };
    }

    /// <summary>Whether the same request may be answered otherwise a little later.</summary>
    private static async ValueTask<bool> MayPassAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        switch (answer.StatusCode)
        {
            case HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout: // A proxy's: its server is not there.
                return true;
            case HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict:
                var why = await FailureOfAsync(answer, cancellationToken).ConfigureAwait(false);
                return why?.Code switch
                {
                    null => answer.StatusCode != HttpStatusCode.Conflict, // Not the server's words, a proxy's for instance.
                    ErrorCodes.RateLimitExceeded or ErrorCodes.IdempotencyKeyInUse => true,
                    ErrorCodes.ServiceBusy => why.Details?.ContainsKey("job_id") != true, // Else it is accepted already: whoever waited polls it.
                    _ => false,
                };
            default:
                return false;
        }
    }

    private static async ValueTask<ApiError?> FailureOfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false); // Kept there, for the caller to read as well.
            return JsonSerializer.Deserialize(body, FailureType)?.Error;
        }
        catch (Exception unreadable) when (unreadable is JsonException or HttpRequestException or IOException)
        {
            return null;
        }
    }

    /// <summary>What the server asks for and up to a quarter more, so that not everybody comes back at once; null to leave it to the backoff.</summary>
    private TimeSpan? PauseAfter(HttpResponseMessage? answer) =>
        answer is null ? null : RetryAfterOf(answer) * (1 + (Random.Shared.NextDouble() / 4));

    private TimeSpan? RetryAfterOf(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > setup.TimeProvider.GetUtcNow() => date - setup.TimeProvider.GetUtcNow(),
        _ => null,
    };

    /// <summary>Whether the line failed, or the server at its other end: not the certificate, and not the file that was to be sent.</summary>
    private static bool IsOfTheLine(Exception exception) => exception switch
    {
        TimeoutRejectedException => true,
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError
        } => true,
        HttpRequestException { InnerException: not null } wrapped =>
            wrapped.GetBaseException() is SocketException or HttpIOException || wrapped.GetBaseException().GetType() == typeof(IOException),
        _ => false,
    };
}
