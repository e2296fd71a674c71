using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>
/// A Rollcall server, a method for each route. Safe for use by several threads at once.
/// </summary>
/// <remarks>
/// Every method throws <see cref="RollcallException"/> when the server refuses, <see cref="HttpRequestException"/> when it cannot be
/// reached or what is to be sent cannot be read, <see cref="OperationCanceledException"/> when cancelled or when
/// <see cref="HttpClient.Timeout"/> is over, and <see cref="ArgumentException"/> for an id that could not be part of an address.
/// </remarks>
public sealed partial class RollcallClient
{
    private static readonly RollcallJsonContext Json = RollcallJsonContext.Default;

    private readonly HttpClient _http;
    private readonly RollcallClientOptions _options;
    private readonly Uri _root;

    /// <summary>A client over a connection of the caller's, who goes on owning it.</summary>
    /// <param name="http">
    /// Its <see cref="HttpClient.BaseAddress"/> is the server's root, a path in it included. Its <see cref="HttpClient.Timeout"/> also
    /// covers the upload of a batch: 100 seconds by default, which is short for a gigabyte.
    /// </param>
    /// <param name="options">Who is asking; null for nobody.</param>
    /// <exception cref="ArgumentException">The connection has no base address.</exception>
    public RollcallClient(HttpClient http, RollcallClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        var root = http.BaseAddress
            ?? throw new ArgumentException("The client needs the address of its server: set BaseAddress.", nameof(http));
        _http = http;
        _options = options ?? new RollcallClientOptions();
        _root = root.AbsolutePath.EndsWith('/') ? root : new UriBuilder(root) { Path = root.AbsolutePath + "/" }.Uri;
    }

    /// <summary>
    /// Every request is made here, so that none is without what handlers are to know of it: whether a second one does nothing that the first did not,
    /// and how long the server may hold it.
    /// </summary>
    private HttpRequestMessage Request(HttpMethod method, string route, HttpContent? content = null, bool repeatable = false, TimeSpan heldFor = default)
    {
        var request = new HttpRequestMessage(method, Address(route)) { Content = content };
        request.Options.Set(RollcallRequest.MayBeRepeated, repeatable);
        request.Options.Set(RollcallRequest.ExtraTime, heldFor + UploadForm.TimeToSend(content));
        return request;
    }

    private Task<T> GetAsync<T>(string route, JsonTypeInfo<ApiResponse<T>> type, CancellationToken cancellationToken)
        where T : class => ReadAsync(Request(HttpMethod.Get, route, repeatable: true), type, cancellationToken);

    /// <summary>Asks something about images, as often as it takes: nothing is changed by it.</summary>
    private Task<T> AskAsync<T>(string route, UploadForm form, JsonTypeInfo<ApiResponse<T>> type, CancellationToken cancellationToken)
        where T : class => ReadAsync(Request(HttpMethod.Post, route, form.Content, repeatable: true), type, cancellationToken);

    private Task<T> PostAsync<TBody, T>(
        string route, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<ApiResponse<T>> type, CancellationToken cancellationToken)
        where TBody : class
        where T : class
    {
        ArgumentNullException.ThrowIfNull(body);
        return ReadAsync(Request(HttpMethod.Post, route, JsonContent.Create(body, bodyType)), type, cancellationToken);
    }

    /// <summary>Sets what it names to what it says: again, it is what it is.</summary>
    private Task<T> PatchAsync<TBody, T>(
        string route, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<ApiResponse<T>> type, CancellationToken cancellationToken)
        where TBody : class
        where T : class
    {
        ArgumentNullException.ThrowIfNull(body);
        return ReadAsync(Request(HttpMethod.Patch, route, JsonContent.Create(body, bodyType), repeatable: true), type, cancellationToken);
    }

    private async Task<T> ReadAsync<T>(HttpRequestMessage request, JsonTypeInfo<ApiResponse<T>> type, CancellationToken cancellationToken)
        where T : class
    {
        using (request)
        {
            using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
            await ThrowIfRefusedAsync(response, cancellationToken).ConfigureAwait(false);
            return await ReadDataAsync(response, type, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>For answers whose body, if there is any, says nothing that the status does not.</summary>
    private async Task RunAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
            await ThrowIfRefusedAsync(response, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (_options.Credential is { } credential)
            await credential.ApplyAsync(request, cancellationToken).ConfigureAwait(false);
        if (_options.OrganizationId is { } organization)
            request.Headers.Add("X-Organization-Id", organization);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
    }

    private async Task ThrowIfRefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode) return;

        ApiFailure? failure = null;
        JsonException? unreadable = null;
        try
        {
            failure = await ReadJsonAsync(response, Json.ApiFailure, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException exception)
        {
            unreadable = exception;
        }

        throw new RollcallException(
            failure?.Error.Code ?? RollcallException.UnexpectedAnswer,
            failure?.Error.Message ?? $"The server answered {(int)response.StatusCode} without saying why.",
            unreadable)
        {
            Status = response.StatusCode,
            RequestId = failure?.RequestId ?? RequestIdOf(response),
            Details = failure?.Error.Details,
            RetryAfter = RetryAfterOf(response),
            RateLimits = RateLimit.Of(response.Headers),
        };
    }

    private static async Task<T> ReadDataAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<ApiResponse<T>> type, CancellationToken cancellationToken)
        where T : class
    {
        JsonException? unreadable = null;
        try
        {
            if (await ReadJsonAsync(response, type, cancellationToken).ConfigureAwait(false) is { Data: { } data }) return data;
        }
        catch (JsonException exception)
        {
            unreadable = exception;
        }

        throw new RollcallException(
            RollcallException.UnexpectedAnswer,
            $"The server's answer ({(int)response.StatusCode}) is none that this client knows.",
            unreadable)
        {
            Status = response.StatusCode,
            RequestId = RequestIdOf(response),
        };
    }

    private static async Task<T?> ReadJsonAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException broken)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The server's answer broke off.", broken);
        }
    }

    private static string? RequestIdOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-Request-Id", out var ids) ? ids.FirstOrDefault() : null;

    private TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _options.TimeProvider.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>Routes are those of the API; one with a slash before it is at the server's root.</summary>
    private Uri Address(string route) => new(_root, route.StartsWith('/') ? route[1..] : $"api/v1/{route}");

    /// <summary>An id as one segment of an address. Dots alone would climb to another route, and nothing would name a list.</summary>
    private static string Segment(string id, string name) => id is null or "" or "." or ".."
        ? throw new ArgumentException($"'{id}' cannot be an id.", name)
        : Uri.EscapeDataString(id);
}
