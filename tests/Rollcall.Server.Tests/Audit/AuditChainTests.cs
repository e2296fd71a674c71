using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Rollcall.Server.Audit;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Audit;

/// <summary>What a chain is made of, byte by byte, and that nobody changes it without being found.</summary>
public sealed class AuditChainTests
{
    private static readonly AuditRow Row = new()
    {
        OrganizationId = "org_1",
        At = new DateTimeOffset(2026, 3, 4, 12, 0, 0, 123, TimeSpan.Zero).ToUnixTimeMilliseconds(),
        Action = "face.enrolled",
        ActorKind = "key",
        ActorId = "key_1",
        ActorLabel = "rc_live_ab12cd",
        Address = "2001:db8::7",
        RequestId = "req_1",
        TargetKind = "face",
        TargetId = "face_1",
        CollectionId = "col_1",
        Person = "ab",
        Details = """{"superseded":0}""",
    };

    [Fact]
    public void An_entrys_bytes_and_hashes_are_the_ones_that_were_promised()
    {
        var bytes = new ArrayBufferWriter<byte>();
        AuditLine.Write(bytes, Row, 1);
        Assert.Equal(
            """{"number":1,"organization_id":"org_1","at":"2026-03-04T12:00:00.123Z","action":"face.enrolled","actor":{"kind":"key","id":"key_1","label":"rc_live_ab12cd"},"address":"2001:db8::7","request_id":"req_1","target":{"kind":"face","id":"face_1"},"collection_id":"col_1","person":"ab","details":{"superseded":0}}""",
            Encoding.UTF8.GetString(bytes.WrittenSpan));

        // Worked out in Python.
        var chain = new AuditChain(AuditHead.Start);
        Assert.Equal("1:d20e4318b3c5e8af81337e4377cae99af1b301ecf0858286fa780b0d2ea310e3", chain.Append(Row).ToString());
        Assert.Equal("2:f498057c3d138e1e124d0e7859887d315a381e5fd0c3f2f2b96a82dc2be0daaf", chain.Append(new AuditRow { OrganizationId = "org_1", At = 0, Action = "face.expired", ActorKind = "system" }).ToString());
    }

    [Theory]
    [InlineData("UPDATE audit_entry SET action = 'key.revoked' WHERE organization_id = @org AND number = 3", 3, "changed")]
    [InlineData("UPDATE audit_entry SET at = at + 1 WHERE organization_id = @org AND number = 3", 3, "changed")]
    [InlineData("UPDATE audit_entry SET at = 'yesterday' WHERE organization_id = @org AND number = 3", 3, "changed")]
    [InlineData("UPDATE audit_entry SET at = 9000000000000000000 WHERE organization_id = @org AND number = 3", 3, "changed")]
    [InlineData("UPDATE audit_entry SET actor_id = 'key_another' WHERE organization_id = @org AND number = 3", 3, "changed")]
    [InlineData("UPDATE audit_entry SET address = NULL WHERE organization_id = @org AND number = 3", 3, "changed")]
    [InlineData("UPDATE audit_entry SET details = '{}' WHERE organization_id = @org AND number = 3", 3, "changed")]
    [InlineData("UPDATE audit_entry SET hash = (SELECT hash FROM audit_entry WHERE organization_id = @org AND number = 4) WHERE organization_id = @org AND number = 3", 3, "changed")]
    [InlineData("DELETE FROM audit_entry WHERE organization_id = @org AND number = 1", 1, "missing")]
    [InlineData("DELETE FROM audit_entry WHERE organization_id = @org AND number = 3", 3, "missing")]
    [InlineData("DELETE FROM audit_entry WHERE organization_id = @org AND number = 6", 6, "missing")]
    [InlineData("UPDATE audit_entry SET organization_id = (SELECT id FROM organization WHERE id <> @org) WHERE organization_id = @org AND number = 3", 3, "missing")]
    [InlineData("UPDATE audit_entry SET number = 7 - number WHERE organization_id = @org AND number IN (3, 4)", 3, "changed")]
    [InlineData("INSERT INTO audit_entry (organization_id, at, action, actor_kind, number, hash) SELECT organization_id, at, action, actor_kind, number, hash FROM audit_entry WHERE organization_id = @org AND number = 3", 3, "inserted")]
    [InlineData("INSERT INTO audit_entry (organization_id, at, action, actor_kind, number, hash) SELECT organization_id, at, action, actor_kind, 0, hash FROM audit_entry WHERE organization_id = @org AND number = 3", 0, "inserted")]
    [InlineData("INSERT INTO audit_entry (organization_id, at, action, actor_kind, number, hash) SELECT organization_id, at, action, actor_kind, 9, hash FROM audit_entry WHERE organization_id = @org AND number = 3", 7, "missing")]
    [InlineData("UPDATE audit_head SET hash = (SELECT hash FROM audit_entry WHERE organization_id = @org AND number = 4) WHERE organization_id = @org", 6, "other_head")]
    [InlineData("UPDATE audit_head SET number = 8 WHERE organization_id = @org", 7, "missing")]
    public async Task Whatever_is_done_to_the_rows_is_found_at_the_first_number_that_it_was_done_to(string sql, long number, string reason)
    {
        await using var host = await TestHost.StartAsync();
        var (tenant, other) = (await SixAsync(host), await Tenant.CreateAsync(host.Address));
        Assert.True((await tenant.VerifyAsync())["valid"]!.GetValue<bool>());
        await host.DropTriggersAsync();

        await host.ExecuteAsync(sql, new { org = tenant.Organization });

        var verdict = await tenant.VerifyAsync();
        Assert.False(verdict["valid"]!.GetValue<bool>());
        Assert.Equal((number, reason), (verdict["first_bad"]!.GetValue<long>(), verdict["reason"]!.GetValue<string>()));
        Assert.InRange(verdict["entries"]!.GetValue<long>(), 0, 6);
        if (!sql.Contains("id <> @org", StringComparison.Ordinal)) Assert.True((await other.VerifyAsync())["valid"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_log_that_was_written_anew_or_cut_is_good_by_itself_and_not_against_a_head_that_was_kept()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await SixAsync(host);
        var head = (await tenant.VerifyAsync())["head"]!;
        var anchor = $"?head={head["number"]}:{head["hash"]}";
        Assert.True((await tenant.VerifyAsync(anchor))["valid"]!.GetValue<bool>());
        await tenant.CreateCollectionAsync();
        Assert.True((await tenant.VerifyAsync(anchor))["valid"]!.GetValue<bool>()); // it goes on from there
        await host.DropTriggersAsync();

        await host.ExecuteAsync("UPDATE audit_entry SET address = '192.0.2.1' WHERE organization_id = @Organization AND number = 2", tenant);
        await host.ForgeAsync(tenant.Organization);
        Assert.True((await tenant.VerifyAsync())["valid"]!.GetValue<bool>());
        await IsBadAsync(6, "other_head");

        await host.ExecuteAsync("DELETE FROM audit_entry WHERE organization_id = @Organization AND number > 4", tenant);
        await host.ForgeAsync(tenant.Organization);
        Assert.Equal(4, (await tenant.VerifyAsync())["entries"]!.GetValue<long>());
        await IsBadAsync(5, "missing");

        async Task IsBadAsync(long number, string reason)
        {
            var verdict = await tenant.VerifyAsync(anchor);
            Assert.Equal((number, reason), (verdict["first_bad"]!.GetValue<long>(), verdict["reason"]!.GetValue<string>()));
        }
    }

    [Theory]
    [InlineData("UPDATE audit_entry SET details = '{}' WHERE organization_id = @org AND number = 3")]
    [InlineData("UPDATE audit_entry SET person = NULL WHERE organization_id = @org")]
    [InlineData("UPDATE audit_entry SET number = 99 WHERE organization_id = @org AND number = 6")]
    [InlineData("UPDATE audit_entry SET number = NULL, hash = NULL WHERE organization_id = @org AND number = 6")]
    [InlineData("DELETE FROM audit_entry WHERE organization_id = @org AND number = 6")]
    [InlineData("INSERT INTO audit_entry (organization_id, at, action, actor_kind, number, hash) VALUES (@org, 0, 'x', 'system', 7, 'x')")]
    [InlineData("INSERT OR REPLACE INTO audit_entry SELECT num, organization_id, at, 'x', actor_kind, actor_id, actor_label, address, request_id, target_kind, target_id, collection_id, person, details, NULL, NULL FROM audit_entry WHERE organization_id = @org AND number = 3")]
    [InlineData("INSERT INTO audit_entry (organization_id, at, action, actor_kind) VALUES (@org, 0, 'x', 'system'); UPDATE OR REPLACE audit_entry SET number = 3, hash = 'x' WHERE organization_id = @org AND number IS NULL")]
    [InlineData("UPDATE audit_head SET number = number - 1 WHERE organization_id = @org")]
    [InlineData("UPDATE audit_head SET hash = 'x' WHERE organization_id = @org")]
    public async Task The_database_takes_no_statement_that_changes_the_log(string sql)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await SixAsync(host);
        await tenant.VerifyAsync();

        await Assert.ThrowsAsync<SqliteException>(() => host.ExecuteAsync(sql, new { org = tenant.Organization }));

        var verdict = await tenant.VerifyAsync();
        Assert.Equal((true, 6), (verdict["valid"]!.GetValue<bool>(), verdict["entries"]!.GetValue<long>()));
    }

    [Theory]
    [InlineData("DROP TRIGGER audit_head_back; UPDATE audit_head SET number = number - 2 WHERE organization_id = @org", 5)]
    [InlineData("DROP TRIGGER audit_head_back; UPDATE audit_head SET hash = 'x' WHERE organization_id = @org", 6)]
    [InlineData("INSERT INTO audit_entry (organization_id, at, action, actor_kind) VALUES (@org, 'yesterday', 'x', 'system')", 7)]
    [InlineData("INSERT INTO audit_entry (organization_id, at, action, actor_kind) VALUES (@org, 9000000000000000000, 'x', 'system')", 7)]
    public async Task A_log_that_cannot_be_carried_on_is_read_as_far_as_it_goes_and_holds_nobody_else_up(string sql, long number)
    {
        await using var host = await TestHost.StartAsync();
        var (tenant, other) = (await SixAsync(host), await SixAsync(host));
        await tenant.VerifyAsync();

        await host.ExecuteAsync(sql, new { org = tenant.Organization });
        foreach (var acting in new[] { tenant, other }) await acting.CreateCollectionAsync();

        await host.Get<AuditSequencer>().ChainAsync(CancellationToken.None);
        Assert.Equal(0, await host.ScalarAsync<long>("SELECT COUNT(*) FROM audit_entry WHERE organization_id = @Organization AND number IS NULL", other));
        Assert.Equal(7, (await other.VerifyAsync())["entries"]!.GetValue<long>());
        Assert.Equal(6, (await tenant.AuditAsync()).Count);
        Assert.Equal(6, (await tenant.Bearer.GetStringAsync(tenant.AuditLog("/export"))).Count(character => character == '\n'));
        var verdict = await tenant.VerifyAsync();
        Assert.Equal((false, number), (verdict["valid"]!.GetValue<bool>(), verdict["first_bad"]!.GetValue<long>()));
    }

    [Fact]
    public async Task Of_a_deleted_organization_the_log_goes_and_of_the_others_it_stays()
    {
        await using var host = await TestHost.StartAsync();
        var (tenant, other) = (await SixAsync(host), await SixAsync(host));
        await other.VerifyAsync();

        var gone = new List<int>();
        for (var i = 0; i < 3; i++) gone.Add(await host.Get<Database>().WriteAsync(tx => AuditLog.RemoveSomeAsync(tx, tenant.Organization, 4), CancellationToken.None));

        Assert.Equal([4, 2, 0], gone);
        Assert.Equal(0, await host.ScalarAsync<long>("SELECT COUNT(*) FROM audit_entry WHERE organization_id = @Organization", tenant));
        Assert.Equal(6, (await other.VerifyAsync())["entries"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_chain_of_several_pages_is_whole()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await host.ExecuteAsync(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
            INSERT INTO audit_entry (organization_id, at, action, actor_kind, request_id) SELECT @Organization, i, 'face.expired', 'system', i FROM n
            """,
            tenant);

        var verdict = await tenant.VerifyAsync();

        var entries = verdict["entries"]!.GetValue<long>();
        Assert.Equal((true, 2500 + 4), (verdict["valid"]!.GetValue<bool>(), entries));
        var lines = (await tenant.Bearer.GetStringAsync(tenant.AuditLog("/export"))).TrimEnd('\n').Split('\n');
        Assert.Equal(entries, lines.Length);
        Assert.Equal(
            Enumerable.Range(1, 2500).Select(i => i.ToString(CultureInfo.InvariantCulture)),
            lines[4..].Select(line => JsonNode.Parse(line)!["request_id"]!.GetValue<string>()));

        // However long it is, the export never holds more than a page of it.
        await using var body = new Pages();
        await AuditEndpoints.WriteAsync(body, tenant.Organization, 1, host.Get<AuditLog>(), CancellationToken.None);
        Assert.Equal([1000, 1000, 504], body.Lines);
    }

    /// <summary>Registered, logged in, a key, a collection: four; and two more collections.</summary>
    private static async Task<Tenant> SixAsync(TestHost host)
    {
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.CreateCollectionAsync();
        await tenant.CreateCollectionAsync();
        return tenant;
    }

    private sealed class Pages : MemoryStream
    {
        public List<int> Lines { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Lines.Add(buffer.Span.Count((byte)'\n'));
            return ValueTask.CompletedTask;
        }
    }
}
