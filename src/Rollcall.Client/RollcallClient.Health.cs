using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    /// <summary>Whether the server's process lives.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="RollcallException.UnexpectedAnswer"/>: something else answers at this address.</exception>
    public Task<Health> GetHealthAsync(CancellationToken cancellationToken = default) => ProbeAsync("healthz", Json.Health, cancellationToken);

    /// <summary>Whether the server can work; one that cannot is an answer and no exception.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="RollcallException.UnexpectedAnswer"/>: something else answers at this address.</exception>
    public Task<Readiness> GetReadinessAsync(CancellationToken cancellationToken = default) =>
        ProbeAsync("readyz", Json.Readiness, cancellationToken);

    private async Task<T> ProbeAsync<T>(string route, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_root, route));
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        JsonException? unreadable = null;
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            try
            {
                if (await response.Content.ReadFromJsonAsync(type, cancellationToken).ConfigureAwait(false) is { } answer) return answer;
            }
            catch (JsonException exception)
            {
                unreadable = exception;
            }
        }

        throw Unexpected(response, unreadable);
    }
}
