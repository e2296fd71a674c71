using System.Security.Cryptography;
using System.Text;
using Dapper;
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

    public required long CreatedAt { get; init; }

    public long? ExpiresAt { get; init; }
}

/// <summary>API keys: the text is shown once and kept as its SHA-256 alone, which suffices for 256 random bits.</summary>
internal sealed class ApiKeyStore(Database database, TimeProvider time)
{
    private const string TextPrefix = "rc_live_";
    private const int ShownCharacters = 14;
    private const string Columns = "id, organization_id, name, hash, prefix, scopes, created_at, expires_at";

    public async Task<(ApiKeyRow Row, string Text)> CreateAsync(
        string organizationId, string name, IEnumerable<string> scopes, DateTimeOffset? expiresAt, CancellationToken ct)
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
            CreatedAt = time.Now(),
            ExpiresAt = expiresAt?.ToUnixTimeMilliseconds(),
        };
        const string insert =
            """
            INSERT INTO api_key (id, organization_id, name, hash, prefix, scopes, created_at, expires_at)
            VALUES (@Id, @OrganizationId, @Name, @Hash, @Prefix, @Scopes, @CreatedAt, @ExpiresAt)
            """;
        await database.WriteAsync(tx => tx.Connection!.ExecuteAsync(insert, row, tx), ct);
        return (row, text);
    }

    /// <summary>The key that this text belongs to, if it may still be used.</summary>
    public Task<ApiKeyRow?> FindAsync(string text, CancellationToken ct) => database.ReadAsync(
        tx => tx.Connection!.QuerySingleOrDefaultAsync<ApiKeyRow?>(
            $"SELECT {Columns} FROM api_key WHERE hash = @hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)",
            new { hash = HashOf(text), now = time.Now() },
            tx),
        ct);

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
            tx => tx.Connection!.ExecuteAsync(
                "UPDATE api_key SET revoked_at = @now WHERE id = @id AND organization_id = @organizationId AND revoked_at IS NULL",
                new { id, organizationId, now = time.Now() },
                tx),
            ct) == 1;

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
