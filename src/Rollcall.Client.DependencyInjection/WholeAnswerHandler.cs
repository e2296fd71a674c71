namespace Rollcall.Client;

/// <summary>
/// Waits for the whole of an answer that is JSON, so that the limit of an attempt, and its repetition, are about all of it. Events and exports come as
/// they come.
/// </summary>
internal sealed class WholeAnswerHandler : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer.Content.Headers.ContentType?.MediaType != "application/json") return answer;
        try
        {
            await answer.Content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
            return answer;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }
}
