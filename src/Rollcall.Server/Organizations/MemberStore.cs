using System.Data.Common;
using System.Globalization;
using System.Security.Claims;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Accounts;
using Rollcall.Server.Audit;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Organizations;

/// <summary>Who changes members: an account of the organization, and the role there that its token brings along, if it does.</summary>
internal sealed record Actor(string OrganizationId, string AccountId, OrganizationRole? Granted)
{
    public static Actor Of(ClaimsPrincipal user, Caller caller) => new(
        caller.OrganizationId,
        caller.Credential,
        Grant.Of(user).Where(grant => grant.OrganizationId == caller.OrganizationId).Select(grant => (OrganizationRole?)grant.Role).Min());
}

internal sealed record MemberRow
{
    public required string AccountId { get; init; }

    public required string Email { get; init; }

    public required string Role { get; init; }

    public required long CreatedAt { get; init; }

    /// <summary>Where the member stands in the list.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{CreatedAt}-{AccountId}");

    public OrganizationRole OrganizationRole =>
        WireName.TryParse<OrganizationRole>(Role, out var role) ? role : throw new InvalidOperationException($"Unknown role '{Role}'.");
}

/// <summary>
/// The members of an organization. Each change looks at the roles of both, and at the owners that remain, in the transaction that makes it.
/// </summary>
internal sealed partial class MemberStore(Database database, AuditTrail audit, TimeProvider time, ILogger<MemberStore> logger)
{
    private const string Select =
        "SELECT m.account_id, a.email, m.role, m.created_at FROM member m JOIN account a ON a.id = m.account_id WHERE m.organization_id = @organizationId";

    /// <summary>Takes an account in; an address that no account has gets an invitation.</summary>
    public async Task<Result<MemberAdded>> AddAsync(Actor actor, AddMember request, CancellationToken ct)
    {
        var role = request.Role;
        var added = await database.WriteAsync<Result<MemberAdded>>(
            async tx =>
            {
                if (await HeldAsync(tx, actor) is not { } held) return MemberRules.NoMember();
                var account = await tx.Connection!.QuerySingleOrDefaultAsync<(string Id, string Email)?>(
                    $"SELECT id, email FROM account WHERE {(request.UserId is null ? "email_key = @key" : "id = @UserId")}",
                    new { key = EmailAddress.KeyOf(request.Email ?? ""), request.UserId },
                    tx);
                var standing = account is { } known ? await FindAsync(tx, actor.OrganizationId, known.Id) : null;
                if (standing is not null) return new Problem(ErrorCodes.AlreadyExists, "This person is a member already: change the role instead.");
                if (MemberRules.Refuse(held, account?.Id == actor.AccountId, null, role) is { } refused) return refused;
                if (account is null && request.UserId is not null) return Problem.NotFound("There is no such account.");
                if (account is not { } person) return await InvitationStore.InviteAsync(tx, actor, held, request.Email!.Trim(), role, audit, time);

                var row = new MemberRow { AccountId = person.Id, Email = person.Email, Role = WireName.Of(role), CreatedAt = time.Now() };
                await JoinAsync(tx, actor.OrganizationId, row);
                await audit.RecordAsync(tx, actor.OrganizationId, AuditEvent.OfUser(AuditActions.MemberAdded, row.AccountId) with { Details = new JsonObject { ["role"] = row.Role } });
                return new MemberAdded { UserId = row.AccountId, Email = row.Email, Role = role, JoinedAt = row.CreatedAt.ToTime(), Invitation = null };
            },
            ct);
        if (!added.IsRefused(out _, out var who))
        {
            if (who!.UserId is { } id) LogAdded(id, role, actor.OrganizationId, actor.AccountId);
            else LogInvited(who.Invitation!.Id, role, actor.OrganizationId, actor.AccountId);
        }

        return added;
    }

    public static Task<int> JoinAsync(DbTransaction tx, string organizationId, MemberRow row) => tx.Connection!.ExecuteAsync(
        "INSERT INTO member (account_id, organization_id, role, created_at) VALUES (@AccountId, @organizationId, @Role, @CreatedAt)",
        new { row.AccountId, organizationId, row.Role, row.CreatedAt },
        tx);

    public async Task<IReadOnlyList<MemberRow>> ListAsync(string organizationId, Page page, CancellationToken ct)
    {
        var after = (page.After ?? "").Split('-', 2);
        var at = long.TryParse(after[0], NumberStyles.None, CultureInfo.InvariantCulture, out var moment) ? moment : long.MaxValue;
        return [.. await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<MemberRow>(
                $"{Select} AND (m.created_at < @at OR (m.created_at = @at AND m.account_id < @id)) ORDER BY m.created_at DESC, m.account_id DESC LIMIT @take",
                new { organizationId, at, id = after.Length > 1 ? after[1] : "", take = page.Limit + 1 },
                tx),
            ct)];
    }

    /// <summary>Gives a member another role; null ends the membership. The row as it was before.</summary>
    public async Task<Result<MemberRow>> ChangeAsync(Actor actor, string accountId, OrganizationRole? wanted, CancellationToken ct)
    {
        var changed = await database.WriteAsync<Result<MemberRow>>(
            async tx =>
            {
                if (await HeldAsync(tx, actor) is not { } held) return MemberRules.NoMember();
                var isSelf = accountId == actor.AccountId;
                var row = await FindAsync(tx, actor.OrganizationId, accountId);

                // Who may change nobody is not told who is there.
                if (MemberRules.Refuse(held, isSelf, row?.OrganizationRole ?? wanted, wanted) is { } refused) return refused;
                if (row is null) return MemberRules.NoMember();
                if (row.OrganizationRole == OrganizationRole.Owner && wanted != OrganizationRole.Owner && await OwnersAsync(tx, actor.OrganizationId) < 2)
                    return MemberRules.LastOwner();

                var change = new { actor.OrganizationId, accountId, role = wanted is { } role ? WireName.Of(role) : null, lost = MemberRules.NotGivenBy(wanted) };
                await tx.Connection!.ExecuteAsync(
                    wanted is null
                        ? "DELETE FROM member WHERE organization_id = @OrganizationId AND account_id = @accountId"
                        : "UPDATE member SET role = @role WHERE organization_id = @OrganizationId AND account_id = @accountId",
                    change,
                    tx);

                // What somebody has given away while they could is not a way back in.
                await tx.Connection!.ExecuteAsync(
                    "DELETE FROM invitation WHERE organization_id = @OrganizationId AND invited_by = @accountId AND role IN @lost", change, tx);
                var action = wanted is not null ? AuditActions.MemberChanged : isSelf ? AuditActions.MemberLeft : AuditActions.MemberRemoved;
                var roles = new JsonObject { ["role"] = change.role, ["before"] = row.Role };
                await audit.RecordAsync(tx, actor.OrganizationId, AuditEvent.OfUser(action, accountId) with { Details = roles });
                return row;
            },
            ct);
        if (!changed.IsRefused(out _, out _))
        {
            if (wanted is { } now) LogChanged(accountId, now, actor.OrganizationId, actor.AccountId);
            else LogRemoved(accountId, actor.OrganizationId, actor.AccountId);
        }

        return changed;
    }

    /// <summary>
    /// What the one who asks is now, which may be less than when the request began. Taking hold of the organization first, for on an engine with
    /// several writers two owners who leave at once would each count the other. Null for nobody, and in an organization that is being deleted.
    /// </summary>
    public static async Task<OrganizationRole?> HeldAsync(DbTransaction tx, Actor actor)
    {
        var isThere = await tx.Connection!.ExecuteAsync("UPDATE organization SET name = name WHERE id = @OrganizationId AND deleted_at IS NULL", actor, tx) == 1;
        if (!isThere) return null;
        var kept = (await FindAsync(tx, actor.OrganizationId, actor.AccountId))?.OrganizationRole;
        return new[] { kept, actor.Granted }.Min();
    }

    private static Task<MemberRow?> FindAsync(DbTransaction tx, string organizationId, string accountId) =>
        tx.Connection!.QuerySingleOrDefaultAsync<MemberRow?>($"{Select} AND m.account_id = @accountId", new { organizationId, accountId }, tx);

    private static Task<long> OwnersAsync(DbTransaction tx, string organizationId) => tx.Connection!.ExecuteScalarAsync<long>(
        "SELECT COUNT(*) FROM member WHERE organization_id = @organizationId AND role = 'owner'", new { organizationId }, tx);

    [LoggerMessage(3102, LogLevel.Information, "Account {AccountId} is {Role} of organization {OrganizationId}: added by {ActorId}.")]
    private partial void LogAdded(string accountId, OrganizationRole role, string organizationId, string actorId);

    [LoggerMessage(3103, LogLevel.Information, "Account {AccountId} is {Role} of organization {OrganizationId} from now on: changed by {ActorId}.")]
    private partial void LogChanged(string accountId, OrganizationRole role, string organizationId, string actorId);

    [LoggerMessage(3104, LogLevel.Information, "Account {AccountId} is no member of organization {OrganizationId} any more: removed by {ActorId}.")]
    private partial void LogRemoved(string accountId, string organizationId, string actorId);

    [LoggerMessage(3105, LogLevel.Information, "Invitation {InvitationId} to be {Role} of organization {OrganizationId}: made by {ActorId}.")]
    private partial void LogInvited(string invitationId, OrganizationRole role, string organizationId, string actorId);
}
