using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using Rollcall.Server.Audit;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Accounts;

/// <summary>A sign-in and the newest refresh token of it.</summary>
internal sealed record Session(string Id, string AccountId, string RefreshToken);

/// <summary>Sign-ins. A refresh token is used once; a second use means that it was stolen, and ends the whole sign-in.</summary>
internal sealed class SessionStore(Database database, IOptions<AccountOptions> options, AuditTrail audit, TimeProvider time)
{
    public Task<Session> BeginAsync(string accountId, CancellationToken ct)
    {
        var session = new Session(Ids.New("session_", time), accountId, NewToken());
        var now = time.Now();
        const string insert =
            """
            INSERT INTO session (id, account_id, created_at, expires_at) VALUES (@Id, @AccountId, @now, @expires);
            INSERT INTO refresh_token (hash, session_id) VALUES (@hash, @Id);
            """;
        var parameters = new
        {
            session.Id,
            session.AccountId,
            hash = HashOf(session.RefreshToken),
            now,
            expires = now + (long)options.Value.SessionLifetime.TotalMilliseconds,
        };
        return database.WriteAsync(
            async tx =>
            {
                await tx.Connection!.ExecuteAsync(insert, parameters, tx);
                await AuditTrail.RecordOfAccountAsync(tx, accountId, audit.Act(AuditActions.LoggedIn, accountId, SessionOf(session.Id)));
                return session;
            },
            ct);
    }

    /// <summary>Trades a refresh token for the next one; null when it is unknown, used before, expired or revoked.</summary>
    public Task<Session?> RotateAsync(string refreshToken, CancellationToken ct)
    {
        var next = NewToken();
        return database.WriteAsync(
            async tx =>
            {
                var found = await tx.Connection!.QuerySingleOrDefaultAsync<(string SessionId, string AccountId, long? UsedAt)?>(
                    """
                    SELECT s.id, s.account_id, t.used_at FROM refresh_token t JOIN session s ON s.id = t.session_id
                    WHERE t.hash = @hash AND s.revoked_at IS NULL AND s.expires_at > @now
                    """,
                    new { hash = HashOf(refreshToken), now = time.Now() },
                    tx);
                if (found is not { } token) return null;

                if (token.UsedAt is not null)
                {
                    await tx.Connection!.ExecuteAsync(
                        "UPDATE session SET revoked_at = @now WHERE id = @id", new { id = token.SessionId, now = time.Now() }, tx);
                    await AuditTrail.RecordOfAccountAsync(tx, token.AccountId, audit.Act(AuditActions.RefreshReused, details: SessionOf(token.SessionId)));
                    return null;
                }

                await tx.Connection!.ExecuteAsync(
                    """
                    UPDATE refresh_token SET used_at = @now WHERE hash = @hash;
                    INSERT INTO refresh_token (hash, session_id) VALUES (@next, @id);
                    """,
                    new { hash = HashOf(refreshToken), next = HashOf(next), id = token.SessionId, now = time.Now() },
                    tx);
                return new Session(token.SessionId, token.AccountId, next);
            },
            ct);
    }

    public Task EndAsync(string sessionId, CancellationToken ct) => EndAsync("@key", sessionId, ct);

    public Task EndByTokenAsync(string refreshToken, CancellationToken ct) => EndAsync("(SELECT session_id FROM refresh_token WHERE hash = @key)", HashOf(refreshToken), ct);

    public async Task<bool> IsAliveAsync(string sessionId, CancellationToken ct) => await database.ReadAsync(
        tx => tx.Connection!.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM session WHERE id = @sessionId AND revoked_at IS NULL AND expires_at > @now",
            new { sessionId, now = time.Now() },
            tx),
        ct) == 1;

    private Task EndAsync(string which, string key, CancellationToken ct) => database.WriteAsync(
        async tx =>
        {
            var ended = await tx.Connection!.QuerySingleOrDefaultAsync<(string Id, string AccountId)?>(
                $"UPDATE session SET revoked_at = @now WHERE id = {which} AND revoked_at IS NULL RETURNING id, account_id", new { key, now = time.Now() }, tx);
            if (ended is var (id, account)) await AuditTrail.RecordOfAccountAsync(tx, account, audit.Act(AuditActions.LoggedOut, account, SessionOf(id)));
        },
        ct);

    private static JsonObject SessionOf(string id) => new() { ["session"] = id };

    private static string NewToken() => "rc_refresh_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    private static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
