using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    /// <summary>Creates an API key; its text is in this answer and never again.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="key">What the key may do; no more than the caller may.</param>
    /// <param name="cancellationToken">Ends the wait; the key may be created all the same.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.InsufficientScope"/>, <see cref="ErrorCodes.InvalidRequest"/>, <see cref="ErrorCodes.NotFound"/>.
    /// </exception>
    public Task<ApiKeyCreated> CreateApiKeyAsync(string organizationId, CreateApiKey key, CancellationToken cancellationToken = default) =>
        PostAsync(ApiKeys(organizationId), key, Json.CreateApiKey, Json.ApiResponseApiKeyCreated, cancellationToken);

    /// <summary>A page of an organization's API keys, newest first, without their texts.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="limit">Keys on the page, 1 to 200; null for 50.</param>
    /// <param name="cursor">The page before's <see cref="ApiKeyList.NextCursor"/>; null for the first page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.InsufficientScope"/>, <see cref="ErrorCodes.NotFound"/>.</exception>
    public Task<ApiKeyList> ListApiKeysAsync(
        string organizationId, int? limit = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync(ApiKeys(organizationId) + new Query().Page(limit, cursor), Json.ApiResponseApiKeyList, cancellationToken);

    /// <summary>All API keys of an organization, newest first, without their texts, asked for page by page as they are read.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <exception cref="RollcallException">While it is read: as with <see cref="ListApiKeysAsync"/>.</exception>
    public IAsyncEnumerable<ApiKey> EnumerateApiKeysAsync(string organizationId, CancellationToken cancellationToken = default) => PagesAsync(
        cursor => ApiKeys(organizationId) + new Query().Page(WholePage, cursor),
        Json.ApiResponseApiKeyList,
        page => (page.ApiKeys, page.NextCursor),
        cancellationToken);

    /// <summary>Revokes an API key; from then on it opens nothing.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="keyId">The key's id, <c>key_…</c>.</param>
    /// <param name="cancellationToken">Ends the wait; the key may be revoked all the same.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.InsufficientScope"/>, <see cref="ErrorCodes.NotFound"/>.</exception>
    public Task RevokeApiKeyAsync(string organizationId, string keyId, CancellationToken cancellationToken = default) => RunAsync(
        Request(HttpMethod.Delete, $"{ApiKeys(organizationId)}/{Segment(keyId, nameof(keyId))}", repeatable: true),
        cancellationToken);

    private static string ApiKeys(string organizationId) => $"organizations/{Segment(organizationId, nameof(organizationId))}/api-keys";
}
