using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Audit;

/// <summary>
/// Writes entries in the transaction of the act: what does not commit is not recorded, and what is not recorded does not commit. They are
/// numbered and chained afterwards, by <see cref="AuditSequencer"/>.
/// </summary>
internal sealed class AuditTrail(IHttpContextAccessor requests, PersonMarks marks, TimeProvider time)
{
    private const string Fields = "organization_id, at, action, actor_kind, actor_id, actor_label, address, request_id, target_kind, target_id, collection_id, person, details";

    /// <summary>Who makes the request that this runs in; outside of requests the server itself.</summary>
    public AuditSource Source => AuditSource.Of(requests.HttpContext);

    public Task RecordAsync(DbTransaction tx, string organizationId, params IReadOnlyList<AuditEvent> events) => RecordAsync(tx, organizationId, Source, events);

    public Task RecordAsync(DbTransaction tx, string organizationId, AuditSource source, params IReadOnlyList<AuditEvent> events) =>
        AddAsync(tx, RowsOf(organizationId, source, events));

    /// <summary>
    /// What an account does for itself, in each organization that it belongs to, by membership or by what its token brings along. One that
    /// belongs to none leaves no entry: there is nobody who could read it.
    /// </summary>
    public static Task RecordOfAccountAsync(DbTransaction tx, string accountId, AccountAct act, params IReadOnlyList<string> granted) => tx.Connection!.ExecuteAsync(
        $"""
        INSERT INTO audit_entry ({Fields})
        SELECT id, @At, @Action, @Kind, @Id, @Label, @Address, @RequestId, 'user', @accountId, NULL, NULL, @Details FROM organization
        WHERE id IN (SELECT organization_id FROM member WHERE account_id = @accountId) OR id IN @granted ORDER BY id
        """,
        new { act.At, act.Action, act.Source.Kind, act.Source.Id, act.Source.Label, act.Source.Address, act.Source.RequestId, act.Details, accountId, granted },
        tx);

    /// <summary>An act of whoever makes the request, or of the account that it turns out to be.</summary>
    public AccountAct Act(string action, string? by = null, JsonObject? details = null) =>
        new(action, by is null ? Source : Source.As(by), time.Now(), details?.ToJsonString());

    public IReadOnlyList<AuditRow> RowsOf(string organizationId, AuditSource source, IEnumerable<AuditEvent> events)
    {
        var now = time.Now();
        return [.. events.Select(one => new AuditRow
        {
            OrganizationId = organizationId,
            At = now,
            Action = one.Action,
            ActorKind = source.Kind,
            ActorId = source.Id,
            ActorLabel = source.Label,
            Address = source.Address,
            RequestId = source.RequestId,
            TargetKind = one.TargetKind,
            TargetId = one.TargetId,
            CollectionId = one.CollectionId,
            Person = one.ExternalId is { } externalId ? marks.Of(organizationId, externalId) : null,
            Details = one.Details?.ToJsonString(),
        })];
    }

    /// <summary>An organization that was deleted meanwhile has no log, and who commits in the same group must not fail for it.</summary>
    public static Task AddAsync(DbTransaction tx, IEnumerable<AuditRow> rows) => tx.Connection!.ExecuteAsync(
        $"""
        INSERT INTO audit_entry ({Fields})
        SELECT id, @At, @Action, @ActorKind, @ActorId, @ActorLabel, @Address, @RequestId, @TargetKind, @TargetId, @CollectionId, @Person, @Details FROM organization
        WHERE id = @OrganizationId
        """,
        rows,
        tx);
}

/// <summary>What an account did, or somebody with it: the log has it for each of the account's organizations.</summary>
internal sealed record AccountAct(string Action, AuditSource Source, long At, string? Details);
