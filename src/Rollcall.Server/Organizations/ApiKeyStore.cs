using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Server.Audit;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Organizations;

internal sealed record ApiKeyRow
{
    public required string Id { get; init; }

    public required string OrganizationId { get; init; }

    public required string Name { get; init; }

    public required string Hash { get; init; }

    public required string Prefix { get; init; }

    public required string Scopes { get; init; }

    /// <summary>Ids, separated by spaces; null: all.</summary>
    public string? Collections { get; init; }

    /// <summary>Addresses and networks, separated by spaces; null: all.</summary>
    public string? AllowedIps { get; init; }

    public required long CreatedAt { get; init; }

    public long? ExpiresAt { get; init; }

    public long? LastUsedAt { get; init; }

    public IReadOnlyList<string>? CollectionList => Collections?.Split(' ');

    public IReadOnlyList<string>? AllowedIpList => AllowedIps?.Split(' ');
}

/// <summary>API keys: the text is shown once and kept as its SHA-256 alone, which suffices for 256 random bits.</summary>
internal sealed partial class ApiKeyStore(Database database, AuditTrail audit, TimeProvider time, ILogger<ApiKeyStore> logger)
{
    private const string TextPrefix = "rc_live_";
    private const int ShownCharacters = 14;
    private const string Columns = "id, organization_id, name, hash, prefix, scopes, collections, allowed_ips, created_at, expires_at, last_used_at";

    /// <summary>A write for each request would be a sync of the disk for each; whoever looks at it wants to know the day.</summary>
    private static readonly TimeSpan UseNotedEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _noted = new(StringComparer.Ordinal);

    public async Task<(ApiKeyRow Row, string Text)> CreateAsync(
        string organizationId,
        string name,
        IEnumerable<string> scopes,
        IEnumerable<string>? collections,
        IEnumerable<string>? allowedIps,
        DateTimeOffset? expiresAt,
        CancellationToken ct)
    {
        var text = TextPrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var row = new ApiKeyRow
        {
            Id = Ids.New("key_", time),
            OrganizationId = organizationId,
            Name = name,
            Hash = HashOf(text),
            Prefix = text[..ShownCharacters],
            Scopes = string.Join(' ', scopes),
            Collections = collections is null ? null : string.Join(' ', collections),
            AllowedIps = allowedIps is null ? null : string.Join(' ', allowedIps),
            CreatedAt = time.Now(),
            ExpiresAt = expiresAt?.ToUnixTimeMilliseconds(),
        };
        const string insert =
            """
            INSERT INTO api_key (id, organization_id, name, hash, prefix, scopes, collections, allowed_ips, created_at, expires_at)
            SELECT @Id, id, @Name, @Hash, @Prefix, @Scopes, @Collections, @AllowedIps, @CreatedAt, @ExpiresAt FROM organization
            WHERE id = @OrganizationId AND deleted_at IS NULL
            """;
        await database.WriteAsync(
            async tx =>
            {
                if (await tx.Connection!.ExecuteAsync(insert, row, tx) == 0) throw new OrganizationGoneException();
                await audit.RecordAsync(tx, organizationId, AuditEvent.OfKey(AuditActions.KeyCreated, row.Id) with { Details = DetailsOf(row) });
            },
            ct);
        return (row, text);
    }

    /// <summary>The key that this text belongs to, if it may still be used.</summary>
    public Task<ApiKeyRow?> FindAsync(string text, CancellationToken ct) => database.ReadAsync(
        tx => tx.Connection!.QuerySingleOrDefaultAsync<ApiKeyRow?>(
            $"SELECT {Columns} FROM api_key WHERE hash = @hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)",
            new { hash = HashOf(text), now = time.Now() },
            tx),
        ct);

    /// <summary>Whether this is a key of the organization that somebody has taken back.</summary>
    public async Task<bool> IsRevokedAsync(string organizationId, string id, CancellationToken ct) => await database.ReadAsync(
        tx => tx.Connection!.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM api_key WHERE id = @id AND organization_id = @organizationId AND revoked_at IS NOT NULL", new { id, organizationId }, tx),
        ct) == 1;

    /// <summary>Keeps when the key was last used, at most once a minute; a store that cannot take it is no reason to refuse the request.</summary>
    public async Task NoteUseAsync(ApiKeyRow key, CancellationToken ct)
    {
        var now = time.Now();
        var known = key.LastUsedAt ?? long.MinValue / 2;
        var stale = now - (long)UseNotedEvery.TotalMilliseconds;
        if (known > stale) return;

        // Of many requests at once one writes.
        var noted = _noted.GetOrAdd(key.Id, known);
        if (noted > stale || !_noted.TryUpdate(key.Id, now, noted)) return;
        try
        {
            await database.WriteAsync(
                tx => tx.Connection!.ExecuteAsync("UPDATE api_key SET last_used_at = @now WHERE id = @Id", new { now, key.Id }, tx), ct);
        }
        catch (Exception e) when (e is DbException or IOException)
        {
            LogUseNotNoted(e, key.Id);
        }
    }

    [LoggerMessage(3101, LogLevel.Warning, "That key {KeyId} was used could not be kept.")]
    private partial void LogUseNotNoted(Exception exception, string keyId);

    public async Task<IReadOnlyList<ApiKeyRow>> ListAsync(string organizationId, Page page, CancellationToken ct) =>
        [.. await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<ApiKeyRow>(
                $"""
                SELECT {Columns} FROM api_key
                WHERE organization_id = @organizationId AND revoked_at IS NULL AND (@after IS NULL OR id < @after)
                ORDER BY id DESC LIMIT @take
                """,
                new { organizationId, after = page.After, take = page.Limit + 1 },
                tx),
            ct)];

    public async Task<bool> RevokeAsync(string organizationId, string id, CancellationToken ct) =>
        await database.WriteAsync(
            async tx =>
            {
                var revoked = await tx.Connection!.ExecuteAsync(
                    "UPDATE api_key SET revoked_at = @now WHERE id = @id AND organization_id = @organizationId AND revoked_at IS NULL",
                    new { id, organizationId, now = time.Now() },
                    tx) == 1;
                if (revoked) await audit.RecordAsync(tx, organizationId, AuditEvent.OfKey(AuditActions.KeyRevoked, id));
                return revoked;
            },
            ct);

    /// <summary>What it may do. Its name is a text of somebody's, and stays out.</summary>
    private static JsonObject DetailsOf(ApiKeyRow row) => new()
    {
        ["prefix"] = row.Prefix,
        ["scopes"] = row.Scopes,
        ["collections"] = row.CollectionList?.Count,
        ["allowed_ips"] = row.AllowedIpList?.Count,
        ["expires_at"] = row.ExpiresAt.ToTime()?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
    };

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
