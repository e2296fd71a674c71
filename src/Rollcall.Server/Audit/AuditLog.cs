using System.Data.Common;
using Dapper;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Audit;

/// <summary>Which entries a list shows; what is null does not filter.</summary>
internal sealed record AuditFilter(string? Action, string? Actor, string? Target, string? Person, DateTimeOffset? After, DateTimeOffset? Before);

/// <summary>Reads an organization's log.</summary>
internal sealed class AuditLog(Database database)
{
    public async Task<IReadOnlyList<AuditRow>> ListAsync(string organizationId, AuditFilter filter, long below, int take, CancellationToken ct) =>
        [.. await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<AuditRow>(
                $"""
                SELECT {AuditRow.Columns} FROM audit_entry
                WHERE organization_id = @organizationId AND number < @below
                  {(filter.Action is null ? "" : "AND action = @Action")} {(filter.Actor is null ? "" : "AND actor_id = @Actor")}
                  {(filter.Target is null ? "" : "AND target_id = @Target")} {(filter.Person is null ? "" : "AND person = @Person")}
                  AND (@after IS NULL OR at > @after) AND (@before IS NULL OR at < @before)
                ORDER BY number DESC LIMIT @take
                """,
                new
                {
                    organizationId,
                    below,
                    filter.Action,
                    filter.Actor,
                    filter.Target,
                    filter.Person,
                    after = filter.After?.ToUnixTimeMilliseconds(),
                    before = filter.Before?.ToUnixTimeMilliseconds(),
                    take,
                },
                tx),
            ct)];

    /// <summary>Entries in the order of the chain, from a number on.</summary>
    public async Task<IReadOnlyList<AuditRow>> ReadAsync(string organizationId, long from, int take, CancellationToken ct) =>
        [.. await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<AuditRow>(
                $"SELECT {AuditRow.Columns} FROM audit_entry WHERE organization_id = @organizationId AND number >= @from ORDER BY number LIMIT @take",
                new { organizationId, from, take },
                tx),
            ct)];

    /// <summary>
    /// Some of the log of an organization that is being deleted, so that the others do not wait for a long one; how many are gone. The triggers let
    /// entries go once the head is gone, which the sequencer may have made again in between.
    /// </summary>
    public static async Task<int> RemoveSomeAsync(DbTransaction tx, string organizationId, int most)
    {
        await tx.Connection!.ExecuteAsync("DELETE FROM audit_head WHERE organization_id = @organizationId", new { organizationId }, tx);
        return await tx.Connection!.ExecuteAsync(
            "DELETE FROM audit_entry WHERE num IN (SELECT num FROM audit_entry WHERE organization_id = @organizationId LIMIT @most)", new { organizationId, most }, tx);
    }
}
