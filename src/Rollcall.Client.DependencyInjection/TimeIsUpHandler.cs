using Polly.Timeout;

namespace Rollcall.Client;

/// <summary>Tells that time is up as <see cref="HttpClient"/> does, so that nobody has to know what keeps the time.</summary>
internal sealed class TimeIsUpHandler : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutRejectedException timeIsUp)
        {
            var message = $"The server has not answered within {timeIsUp.Timeout}.";
            throw new TaskCanceledException(message, new TimeoutException(message, timeIsUp));
        }
    }
}
