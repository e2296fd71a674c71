using System.Net.Http.Headers;

namespace Rollcall.Client;

/// <summary>What a client proves its identity with: an API key for programs, a bearer token for people; never both.</summary>
public sealed class RollcallCredential
{
    private readonly Func<CancellationToken, ValueTask<string>> _secret;
    private readonly bool _isApiKey;

    private RollcallCredential(Func<CancellationToken, ValueTask<string>> secret, bool isApiKey) =>
        (_secret, _isApiKey) = (secret, isApiKey);

    /// <summary>An API key.</summary>
    /// <param name="key">The key's text, <c>rc_live_…</c>.</param>
    /// <exception cref="ArgumentException">The text is empty.</exception>
    public static RollcallCredential FromApiKey(string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return new(_ => ValueTask.FromResult(key), isApiKey: true);
    }

    /// <summary>A bearer token that does not change.</summary>
    /// <param name="token">The access token.</param>
    /// <exception cref="ArgumentException">The text is empty.</exception>
    public static RollcallCredential FromToken(string token)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(token);
        return new(_ => ValueTask.FromResult(token), isApiKey: false);
    }

    /// <summary>A bearer token that is asked for before each request, so that its owner can renew it in time.</summary>
    /// <param name="provider">Gives the access token; called by several requests at once when the client is used so.</param>
    public static RollcallCredential FromTokenProvider(Func<CancellationToken, ValueTask<string>> provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return new(provider, isApiKey: false);
    }

    internal async ValueTask ApplyAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var secret = await _secret(cancellationToken).ConfigureAwait(false);
        if (_isApiKey)
            request.Headers.Add("X-API-Key", secret);
        else
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
    }
}
