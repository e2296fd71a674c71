using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Server.Audit;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.Organizations;

namespace Rollcall.Server.Tests.Audit;

/// <summary>What tests ask about an organization's audit log.</summary>
internal static class AuditCalls
{
    public static string AuditLog(this Tenant tenant, string rest = "") => $"/api/v1/organizations/{tenant.Organization}/audit-log{rest}";

    /// <summary>The entries of the first page, newest first.</summary>
    public static async Task<IReadOnlyList<JsonObject>> AuditAsync(this Tenant tenant, string query = "") =>
        [.. (await tenant.Bearer.GetAsync(tenant.AuditLog($"?limit=200{query}")).DataAsync(HttpStatusCode.OK))["entries"]!.AsArray().Select(entry => entry!.AsObject())];

    public static async Task<IReadOnlyList<string>> ActionsAsync(this Tenant tenant, string query = "") =>
        [.. (await tenant.AuditAsync(query)).Select(entry => entry["action"]!.GetValue<string>())];

    /// <summary>The one entry of an action.</summary>
    public static async Task<JsonObject> EntryAsync(this Tenant tenant, string action) => Assert.Single(await tenant.AuditAsync($"&action={action}"));

    public static Task<JsonObject> VerifyAsync(this Tenant tenant, string query = "") => tenant.Bearer.GetAsync(tenant.AuditLog($"/verify{query}")).DataAsync(HttpStatusCode.OK);

    /// <summary>All entries, the oldest first, without asking the server, whose tokens may have expired.</summary>
    public static async Task<IReadOnlyList<JsonObject>> ExportAsync(this TestHost host, Tenant tenant)
    {
        await host.Get<AuditSequencer>().ChainAsync(CancellationToken.None);
        var rows = await host.Get<AuditLog>().ReadAsync(tenant.Organization, 1, int.MaxValue, CancellationToken.None);
        var (output, scratch) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        foreach (var row in rows) AuditLine.WriteWithHash(output, scratch, row);
        return [.. Encoding.UTF8.GetString(output.WrittenSpan).TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!.AsObject())];
    }

    public static Task ExecuteAsync(this TestHost host, string sql, object? parameters = null) =>
        host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, parameters, tx), CancellationToken.None);

    public static Task<T> ScalarAsync<T>(this TestHost host, string sql, object? parameters = null) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<T>(sql, parameters, tx), CancellationToken.None)!;

    /// <summary>Whoever holds the file can do away with what keeps the rows as they are.</summary>
    public static Task DropTriggersAsync(this TestHost host) => host.ExecuteAsync(
        """
        DROP TRIGGER audit_entry_insert; DROP TRIGGER audit_entry_content; DROP TRIGGER audit_entry_chained; DROP TRIGGER audit_entry_delete;
        DROP TRIGGER audit_head_back; DROP INDEX audit_entry_number;
        """);

    /// <summary>The chain written anew over what the rows say now, as somebody would who knows how.</summary>
    public static async Task ForgeAsync(this TestHost host, string organization)
    {
        var rows = await host.Get<Database>().ReadAsync(
            tx => tx.Connection!.QueryAsync<AuditRow>($"SELECT {AuditRow.Columns} FROM audit_entry WHERE organization_id = @organization ORDER BY number, num", new { organization }, tx),
            CancellationToken.None);
        var chain = new AuditChain(AuditHead.Start);
        foreach (var row in rows)
        {
            var head = chain.Append(row);
            await host.ExecuteAsync("UPDATE audit_entry SET number = @Number, hash = @Hash WHERE num = @Num", new { head.Number, head.Hash, row.Num });
        }

        await host.ExecuteAsync("UPDATE audit_head SET number = @Number, hash = @Hash WHERE organization_id = @organization", new { chain.Head.Number, chain.Head.Hash, organization });
    }
}
