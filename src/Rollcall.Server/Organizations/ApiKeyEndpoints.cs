using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Collections;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Organizations;

internal static class ApiKeyEndpoints
{
    private const int LongestName = 200;
    private const int MostEntries = 200;

    public static void MapApiKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/organizations/{org_id}/api-keys").RequireRight(Right.Administer).WithTags("API keys");
        keys.MapPost("", CreateAsync).Describe("createApiKey", "Create an API key", "The key's text, `api_key`, is in this answer and never again.")
            .Answers(StatusCodes.Status201Created, "The key with its text.", AnswerHeader.Location("the key"));
        keys.MapGet("", ListAsync).Describe("listApiKeys", "List the API keys that are not revoked").Takes(Page.Parameters)
            .Answers(StatusCodes.Status200OK, "A page of keys.");
        keys.MapDelete("/{key_id}", RevokeAsync).Describe("revokeApiKey", "Revoke an API key", "It stops working at once.")
            .Answers(StatusCodes.Status204NoContent, "It is revoked.");
    }

    private static async Task<Results<Created<ApiResponse<ApiKeyCreated>>, Problem>> CreateAsync(
        CreateApiKey request, Caller caller, ApiKeyStore store, CollectionStore collections, TimeProvider time, CancellationToken ct)
    {
        if (FieldValues.IsNoName(request.Name, LongestName)) return Problem.Invalid($"name has 1 to {LongestName} characters, none of them a control character.");
        var scopes = request.Scopes.Distinct(StringComparer.Ordinal).ToList();
        if (scopes.Count == 0 || !scopes.TrueForAll(scope => scope is not null && Rights.OfScope.ContainsKey(scope)))
            return Problem.Invalid($"scopes is a list of: {string.Join(", ", Rights.OfScope.Keys)}.");
        if (request.Collections is { Count: 0 or > MostEntries })
            return Problem.Invalid($"collections is a list of 1 to {MostEntries} collections; leave it out for a key for all of them.");
        if (request.AllowedIps is { Count: 0 or > MostEntries })
            return Problem.Invalid($"allowed_ips is a list of 1 to {MostEntries} addresses; leave it out for a key for all of them.");
        var ids = request.Collections?.Distinct(StringComparer.Ordinal).ToList();
        if (ids is not null && (ids.Contains(null!) || !await collections.AllExistAsync(caller.OrganizationId, ids, ct))) return Problem.Invalid("collections names one that is not there.");
        var addresses = new List<string>();
        foreach (var given in request.AllowedIps ?? [])
        {
            if (!AddressList.TryNormalize(given, out var entry))
                return Problem.Invalid("allowed_ips is a list of addresses and networks, IPv4 or IPv6: 192.0.2.7, 10.0.0.0/8, 2001:db8::/32. The bits after a network's prefix are zero.");
            addresses.Add(entry);
        }

        if (request.ExpiresAt <= time.GetUtcNow()) return Problem.Invalid("expires_at lies in the past.");

        var (row, text) = await store.CreateAsync(
            caller.OrganizationId, request.Name, scopes, ids, addresses.Count > 0 ? addresses.Distinct(StringComparer.Ordinal) : null, request.ExpiresAt, ct);
        var key = ToContract(row);
        return Envelope.Created($"/api/v1/organizations/{caller.OrganizationId}/api-keys/{key.Id}", new ApiKeyCreated
        {
            Id = key.Id,
            Name = key.Name,
            Prefix = key.Prefix,
            Scopes = key.Scopes,
            Collections = key.Collections,
            AllowedIps = key.AllowedIps,
            ExpiresAt = key.ExpiresAt,
            CreatedAt = key.CreatedAt,
            LastUsedAt = key.LastUsedAt,
            Secret = text,
        });
    }

    private static async Task<Results<Ok<ApiResponse<ApiKeyList>>, Problem>> ListAsync(
        string? limit, string? cursor, Caller caller, ApiKeyStore store, CancellationToken ct)
    {
        if (Page.Parse(limit, cursor).IsRefused(out var problem, out var page)) return problem;
        var (rows, next) = page.Cut(await store.ListAsync(caller.OrganizationId, page, ct), row => row.Id);
        return Envelope.Ok(new ApiKeyList { ApiKeys = [.. rows.Select(ToContract)], NextCursor = next });
    }

    private static async Task<Results<NoContent, Problem>> RevokeAsync(
        [FromRoute(Name = "key_id")] string keyId, Caller caller, ApiKeyStore store, CancellationToken ct) =>
        await store.RevokeAsync(caller.OrganizationId, keyId, ct) ? TypedResults.NoContent() : Problem.NotFound("There is no such key here.");

    private static ApiKey ToContract(ApiKeyRow row) => new()
    {
        Id = row.Id,
        Name = row.Name,
        Prefix = row.Prefix,
        Scopes = row.Scopes.Split(' '),
        Collections = row.CollectionList,
        AllowedIps = row.AllowedIpList,
        ExpiresAt = row.ExpiresAt.ToTime(),
        CreatedAt = row.CreatedAt.ToTime(),
        LastUsedAt = row.LastUsedAt.ToTime(),
    };
}
