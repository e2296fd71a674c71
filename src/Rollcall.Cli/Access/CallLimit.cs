using Rollcall.Client;

namespace Rollcall.Cli.Access;

/// <summary>
/// A call ends when its answer does not begin in time: an ordinary one after 100 seconds, an upload after as much more as its bytes take at the slowest
/// line that is worth it. What is JSON has to be whole by then, and within bounds; events come for as long as they like.
/// </summary>
internal sealed class CallLimit(HttpMessageHandler inner, TimeProvider time) : DelegatingHandler(inner)
{
    private const long LargestAnswer = 64 * 1024 * 1024;

    private static readonly TimeSpan Ordinary = TimeSpan.FromSeconds(100);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timeIsUp = new CancellationTokenSource(request.Options.TryGetValue(RollcallRequest.ExtraTime, out var extra) ? Ordinary + extra : Ordinary, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeIsUp.Token);
        try
        {
            var answer = await base.SendAsync(request, limit.Token);
            if (answer.Content.Headers.ContentType?.MediaType == "application/json") await answer.Content.LoadIntoBufferAsync(LargestAnswer, limit.Token);
            return answer;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TaskCanceledException("The server did not answer in time.", new TimeoutException("The server did not answer in time.", exception));
        }
    }
}
