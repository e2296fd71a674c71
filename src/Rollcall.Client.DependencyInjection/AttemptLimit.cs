using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Rollcall.Client;

/// <summary>How long one attempt may take until its answer is there; a stream of events that has begun goes on for as long as it likes.</summary>
internal static class AttemptLimit
{
    public static HttpTimeoutStrategyOptions Strategy(TimeSpan ordinary) => new()
    {
        TimeoutGenerator = attempt => ValueTask.FromResult(ordinary + ExtraTimeOf(attempt.Context.GetRequestMessage())),
    };

    private static TimeSpan ExtraTimeOf(HttpRequestMessage? request) =>
        request is not null && request.Options.TryGetValue(RollcallRequest.ExtraTime, out var extra) ? extra : TimeSpan.Zero;
}
