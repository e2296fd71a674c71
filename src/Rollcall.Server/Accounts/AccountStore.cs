using System.Data.Common;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Accounts;

internal sealed record AccountRow
{
    public required string Id { get; init; }

    public required string Email { get; init; }

    public required string PasswordHash { get; init; }
}

/// <summary>People and the organizations they belong to.</summary>
internal sealed class AccountStore(Database database, AuditTrail audit, TimeProvider time)
{
    /// <summary>An account, its organization and the ownership of it; null when the address is taken.</summary>
    public Task<(User User, OrganizationMembership Organization)?> RegisterAsync(
        string email, string passwordHash, string organizationName, CancellationToken ct)
    {
        var parameters = new
        {
            account = Ids.New("user_", time),
            organization = Ids.New("org_", time),
            email = email.Trim(),
            name = organizationName.Trim(),
            now = time.Now(),
        };
        return database.WriteAsync<(User, OrganizationMembership)?>(
            async tx =>
            {
                if (!await AddAsync(tx, parameters.account, parameters.email, passwordHash, parameters.now)) return null;

                await tx.Connection!.ExecuteAsync(
                    """
                    INSERT INTO organization (id, name, created_at) VALUES (@organization, @name, @now);
                    INSERT INTO member (account_id, organization_id, role, created_at) VALUES (@account, @organization, 'owner', @now);
                    """,
                    parameters,
                    tx);
                var created = AuditEvent.OfOrganization(AuditActions.OrganizationCreated, parameters.organization);
                await audit.RecordAsync(tx, parameters.organization, audit.Source.As(parameters.account), created);
                return (
                    new User { Id = parameters.account, Email = parameters.email },
                    new OrganizationMembership { Id = parameters.organization, Name = parameters.name, Role = OrganizationRole.Owner });
            },
            ct);
    }

    /// <summary>False when the address is taken.</summary>
    public static async Task<bool> AddAsync(DbTransaction tx, string id, string email, string passwordHash, long now) => await tx.Connection!.ExecuteAsync(
        """
        INSERT INTO account (id, email, email_key, password_hash, created_at)
        VALUES (@id, @email, @key, @passwordHash, @now) ON CONFLICT (email_key) DO NOTHING
        """,
        new { id, email, key = EmailAddress.KeyOf(email), passwordHash, now },
        tx) == 1;

    public Task<AccountRow?> FindByEmailAsync(string email, CancellationToken ct) => database.ReadAsync(
        tx => tx.Connection!.QuerySingleOrDefaultAsync<AccountRow?>(
            "SELECT id, email, password_hash FROM account WHERE email_key = @key", new { key = EmailAddress.KeyOf(email) }, tx),
        ct);

    public Task<AccountRow?> FindAsync(string id, CancellationToken ct) => database.ReadAsync(
        tx => tx.Connection!.QuerySingleOrDefaultAsync<AccountRow?>(
            "SELECT id, email, password_hash FROM account WHERE id = @id", new { id }, tx),
        ct);

    /// <summary>Where the person belongs: by what is kept here and by what their token brings along; the higher role counts.</summary>
    public Task<IReadOnlyList<OrganizationMembership>> MembershipsAsync(string accountId, IReadOnlyList<Grant> grants, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<OrganizationMembership>>(
            async tx =>
            {
                var kept = await KeptAsync(tx, accountId);
                if (grants.Count == 0) return [.. kept];

                return
                [
                    .. kept.Concat(await GrantedAsync(tx, grants)).GroupBy(one => one.Id, StringComparer.Ordinal)
                        .Select(same => same.MinBy(one => one.Role)!).OrderBy(one => one.Id, StringComparer.Ordinal)
                ];
            },
            ct);

    private static async Task<IEnumerable<OrganizationMembership>> KeptAsync(DbTransaction tx, string accountId)
    {
        var rows = await tx.Connection!.QueryAsync<(string Id, string Name, string Role)>(
            """
            SELECT o.id, o.name, m.role FROM member m JOIN organization o ON o.id = m.organization_id
            WHERE m.account_id = @accountId ORDER BY o.id
            """,
            new { accountId },
            tx);
        return rows.Select(row => new OrganizationMembership { Id = row.Id, Name = row.Name, Role = RoleOf(row.Role) });
    }

    /// <summary>A grant for an organization that is not there is none.</summary>
    private static async Task<IEnumerable<OrganizationMembership>> GrantedAsync(DbTransaction tx, IReadOnlyList<Grant> grants)
    {
        var rows = await tx.Connection!.QueryAsync<(string Id, string Name)>(
            "SELECT id, name FROM organization WHERE id IN @ids AND deleted_at IS NULL", new { ids = grants.Select(grant => grant.OrganizationId) }, tx);
        return grants.Join(
            rows,
            grant => grant.OrganizationId,
            row => row.Id,
            (grant, row) => new OrganizationMembership { Id = row.Id, Name = row.Name, Role = grant.Role });
    }

    private static OrganizationRole RoleOf(string name) =>
        WireName.TryParse<OrganizationRole>(name, out var role) ? role : throw new InvalidOperationException($"Unknown role '{name}'.");
}
