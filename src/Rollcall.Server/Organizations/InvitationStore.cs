using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Accounts;
using Rollcall.Server.Audit;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Organizations;

internal sealed record InvitationRow
{
    public required string Id { get; init; }

    public required string OrganizationId { get; init; }

    public required string Email { get; init; }

    public required string Role { get; init; }

    public required long CreatedAt { get; init; }

    public required long ExpiresAt { get; init; }

    public OrganizationRole OrganizationRole =>
        WireName.TryParse<OrganizationRole>(Role, out var role) ? role : throw new InvalidOperationException($"Unknown role '{Role}'.");
}

/// <summary>Places that wait for whoever brings their token: it is shown once and kept as its SHA-256 alone, which suffices for 256 random bits.</summary>
internal sealed partial class InvitationStore(Database database, AuditTrail audit, TimeProvider time, ILogger<InvitationStore> logger)
{
    public const string IdPrefix = "inv_";

    /// <summary>All of them are in one answer, and nobody tries out addresses without end.</summary>
    public const int Most = 100;

    private const int RetryAfterSeconds = 3600;
    private const string Columns = "id, organization_id, email, role, created_at, expires_at";
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    public static async Task<Result<MemberAdded>> InviteAsync(
        DbTransaction tx, Actor actor, OrganizationRole held, string email, OrganizationRole role, AuditTrail audit, TimeProvider time)
    {
        var token = "rc_join_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        var row = new
        {
            id = Ids.New(IdPrefix, time),
            actor.OrganizationId,
            email,
            key = EmailAddress.KeyOf(email),
            role = WireName.Of(role),
            hash = HashOf(token),
            actor.AccountId,
            now = now.ToUnixTimeMilliseconds(),
            expiresAt = (now + Lifetime).ToUnixTimeMilliseconds(),
        };
        await tx.Connection!.ExecuteAsync("DELETE FROM invitation WHERE organization_id = @OrganizationId AND expires_at <= @now", row, tx);
        var standing = await tx.Connection!.QuerySingleOrDefaultAsync<string?>(
            "SELECT role FROM invitation WHERE organization_id = @OrganizationId AND email_key = @key", row, tx);
        if (standing == WireName.Of(OrganizationRole.Owner) && MemberRules.Refuse(held, isSelf: false, OrganizationRole.Owner, role) is { } refused) return refused;
        if (standing is null && await tx.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM invitation WHERE organization_id = @OrganizationId", row, tx) >= Most)
            return TooMany();

        await tx.Connection!.ExecuteAsync("DELETE FROM invitation WHERE organization_id = @OrganizationId AND email_key = @key", row, tx);
        await tx.Connection!.ExecuteAsync(
            """
            INSERT INTO invitation (id, organization_id, email, email_key, role, hash, invited_by, created_at, expires_at)
            VALUES (@id, @OrganizationId, @email, @key, @role, @hash, @AccountId, @now, @expiresAt)
            """,
            row,
            tx);
        await audit.RecordAsync(tx, actor.OrganizationId, AuditEvent.OfInvitation(AuditActions.InvitationCreated, row.id) with { Details = new JsonObject { ["role"] = row.role } });
        return new MemberAdded
        {
            UserId = null,
            Email = email,
            Role = role,
            JoinedAt = null,
            Invitation = new InvitationToken { Id = row.id, Token = token, ExpiresAt = row.expiresAt.ToTime() },
        };
    }

    public async Task<IReadOnlyList<InvitationRow>> ListAsync(string organizationId, CancellationToken ct) =>
        [.. await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<InvitationRow>(
                $"SELECT {Columns} FROM invitation WHERE organization_id = @organizationId AND expires_at > @now ORDER BY id DESC",
                new { organizationId, now = time.Now() },
                tx),
            ct)];

    /// <summary>Why it is not withdrawn; null when it is.</summary>
    public async Task<Problem?> WithdrawAsync(Actor actor, string id, CancellationToken ct)
    {
        var problem = await database.WriteAsync<Problem?>(
            async tx =>
            {
                if (await MemberStore.HeldAsync(tx, actor) is not { } held) return MemberRules.NoMember();
                var row = await tx.Connection!.QuerySingleOrDefaultAsync<InvitationRow?>(
                    $"SELECT {Columns} FROM invitation WHERE organization_id = @OrganizationId AND id = @id", new { actor.OrganizationId, id }, tx);
                if (MemberRules.Refuse(held, isSelf: false, row?.OrganizationRole, null) is { } refused) return refused;
                if (row is null) return MemberRules.NoMember();
                await tx.Connection!.ExecuteAsync(
                    "DELETE FROM invitation WHERE organization_id = @OrganizationId AND id = @id", new { actor.OrganizationId, id }, tx);
                await audit.RecordAsync(tx, actor.OrganizationId, AuditEvent.OfInvitation(AuditActions.InvitationWithdrawn, id));
                return null;
            },
            ct);
        if (problem is null) LogWithdrawn(id, actor.OrganizationId, actor.AccountId);
        return problem;
    }

    public async Task<bool> IsOpenAsync(string token, CancellationToken ct) => await database.ReadAsync(tx => FindAsync(tx, token), ct) is not null;

    /// <summary>Makes the account that the token is for, a member of the organization that invited it.</summary>
    public async Task<Result<(User User, OrganizationMembership Organization)>> TakeUpAsync(string token, string passwordHash, CancellationToken ct)
    {
        var taken = await database.WriteAsync<Result<(User User, OrganizationMembership Organization)>>(
            async tx =>
            {
                if (await FindAsync(tx, token) is not { } invitation) return NoInvitation();
                var row = new MemberRow { AccountId = Ids.New("user_", time), Email = invitation.Email, Role = invitation.Role, CreatedAt = time.Now() };
                if (!await AccountStore.AddAsync(tx, row.AccountId, row.Email, passwordHash, row.CreatedAt))
                    return new Problem(ErrorCodes.AlreadyExists, "An account with the invited address exists by now: ask to be added once more.");

                await MemberStore.JoinAsync(tx, invitation.OrganizationId, row);
                await tx.Connection!.ExecuteAsync("DELETE FROM invitation WHERE id = @Id", invitation, tx);
                var details = new JsonObject { ["role"] = row.Role, ["invitation"] = invitation.Id };
                await audit.RecordAsync(
                    tx, invitation.OrganizationId, audit.Source.As(row.AccountId), AuditEvent.OfUser(AuditActions.MemberJoined, row.AccountId) with { Details = details });
                var name = await tx.Connection!.ExecuteScalarAsync<string>("SELECT name FROM organization WHERE id = @OrganizationId", invitation, tx);
                return (
                    new User { Id = row.AccountId, Email = row.Email },
                    new OrganizationMembership { Id = invitation.OrganizationId, Name = name!, Role = row.OrganizationRole });
            },
            ct);
        if (!taken.IsRefused(out _, out var joined)) LogTakenUp(joined.User.Id, joined.Organization.Role, joined.Organization.Id);
        return taken;
    }

    public static Problem NoInvitation() => new(ErrorCodes.TokenInvalid, "The invitation is unknown, used up, withdrawn or expired: ask for another.");

    private static Problem TooMany() => new(ErrorCodes.QuotaExceeded, "The organization has as many open invitations as it may: withdraw some, or wait until they expire.")
    {
        Details = new JsonObject { ["limit_invitations"] = Most },
        RetryAfterSeconds = RetryAfterSeconds,
    };

    private Task<InvitationRow?> FindAsync(DbTransaction tx, string token) => tx.Connection!.QuerySingleOrDefaultAsync<InvitationRow?>(
        $"SELECT {Columns} FROM invitation WHERE hash = @hash AND expires_at > @now", new { hash = HashOf(token), now = time.Now() }, tx);

    private static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    [LoggerMessage(3106, LogLevel.Information, "Account {AccountId} is {Role} of organization {OrganizationId}: it took up an invitation.")]
    private partial void LogTakenUp(string accountId, OrganizationRole role, string organizationId);

    [LoggerMessage(3107, LogLevel.Information, "Invitation {InvitationId} to organization {OrganizationId} is withdrawn by {ActorId}.")]
    private partial void LogWithdrawn(string invitationId, string organizationId, string actorId);
}
