using Dapper;
using Rollcall.Server.Audit;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Accounts;

/// <summary>
/// Accounts of people whom the external issuer knows: one for each issuer and subject, made at first sight. An e-mail address never leads to one,
/// for it is what the issuer says of a person and not who they are (docs/adr/0007).
/// </summary>
internal sealed class ExternalAccounts(Database database, AuditTrail audit, TimeProvider time)
{
    private const string Select =
        """
        SELECT a.id, a.email, (SELECT COUNT(*) FROM refused_token WHERE hash = @Hash) AS refused
        FROM external_identity i JOIN account a ON a.id = i.account_id WHERE i.issuer = @Issuer AND i.subject = @Subject
        """;

    /// <summary>The account of the token; null when the token was logged out.</summary>
    public async Task<string?> FindOrAddAsync(ExternalToken token, CancellationToken ct)
    {
        var parameters = new { token.Issuer, token.Subject, token.Email, token.Hash, id = Ids.New("user_", time), now = time.Now() };
        var found = await database.ReadAsync(tx => tx.Connection!.QuerySingleOrDefaultAsync<(string Id, string Email, long Refused)?>(Select, parameters, tx), ct);
        if (found is { Refused: > 0 }) return null;
        if (found is { } account && (token.Email.Length == 0 || token.Email == account.Email)) return account.Id;

        return await database.WriteAsync(
            async tx =>
            {
                // Of two first requests at once one makes the account.
                if (await tx.Connection!.QuerySingleOrDefaultAsync<(string Id, string Email, long Refused)?>(Select, parameters, tx) is { } known)
                {
                    await tx.Connection!.ExecuteAsync("UPDATE account SET email = @Email WHERE id = @Id", new { token.Email, known.Id }, tx);
                    return known.Id;
                }

                await tx.Connection!.ExecuteAsync(
                    """
                    INSERT INTO account (id, email, email_key, password_hash, created_at) VALUES (@id, @Email, @id, '', @now);
                    INSERT INTO external_identity (issuer, subject, account_id, created_at) VALUES (@Issuer, @Subject, @id, @now);
                    """,
                    parameters,
                    tx);
                return parameters.id;
            },
            ct);
    }

    /// <summary>Refuses the token from now on, for as long as it would be good.</summary>
    public Task RefuseAsync(string accountId, IReadOnlyList<Grant> grants, string tokenHash, long expiresAt, CancellationToken ct) => database.WriteAsync(
        async tx =>
        {
            await tx.Connection!.ExecuteAsync(
                "INSERT INTO refused_token (hash, expires_at) VALUES (@tokenHash, @expiresAt) ON CONFLICT (hash) DO NOTHING", new { tokenHash, expiresAt }, tx);
            await AuditTrail.RecordOfAccountAsync(tx, accountId, audit.Act(AuditActions.LoggedOut, accountId), [.. grants.Select(grant => grant.OrganizationId)]);
        },
        ct);
}
