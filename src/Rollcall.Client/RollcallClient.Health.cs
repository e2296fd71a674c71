using System.Net;
using System.Text.Json.Serialization.Metadata;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    /// <summary>Whether the server's process lives.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="RollcallException.UnexpectedAnswer"/>: something else answers at this address.
    /// </exception>
    public Task<Health> GetHealthAsync(CancellationToken cancellationToken = default) =>
        ProbeAsync("/healthz", Json.ApiResponseHealth, cancellationToken);

    /// <summary>Whether the server can work; one that cannot is an answer and no exception.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="RollcallException.UnexpectedAnswer"/>: something else answers at this address.
    /// </exception>
    public async Task<Readiness> GetReadinessAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await ProbeAsync("/readyz", Json.ApiResponseReadiness, cancellationToken).ConfigureAwait(false);
        }
        catch (RollcallException refusal) when (refusal is { Status: HttpStatusCode.ServiceUnavailable, Details: not null })
        {
            return new Readiness
            {
                Status = "not_ready",
                Checks = refusal.Details.ToDictionary(check => check.Key, check => check.Value?.ToString() ?? "", StringComparer.Ordinal),
            };
        }
    }

    private Task<T> ProbeAsync<T>(string route, JsonTypeInfo<ApiResponse<T>> type, CancellationToken cancellationToken)
        where T : class => ReadAsync(Request(HttpMethod.Get, route), type, cancellationToken); // Not repeated: how it is now is what was asked.
}
