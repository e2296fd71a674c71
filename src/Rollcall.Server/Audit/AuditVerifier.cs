using Dapper;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Audit;

/// <summary>Where a chain breaks first.</summary>
internal sealed record AuditBreak(long Number, string Reason)
{
    /// <summary>There is no entry of this number, or there was one when the anchor was taken.</summary>
    public const string Missing = "missing";

    /// <summary>The entry is not the one that its hash was made of, or does not follow the one before it.</summary>
    public const string Changed = "changed";

    /// <summary>An entry that the sequencer never numbered so, or cannot number.</summary>
    public const string Inserted = "inserted";

    /// <summary>The end that is kept beside the entries, or the anchor, has another hash.</summary>
    public const string OtherHead = "other_head";
}

/// <summary>What a verification came to: how many entries are good one after the other, and the head that they lead to.</summary>
internal sealed record AuditVerdict(AuditHead Head, AuditBreak? Break, long Open);

/// <summary>Goes through a whole chain, some entries at a time, so that no reader keeps the database's log from being emptied.</summary>
internal sealed class AuditVerifier(Database database)
{
    private const int AtOnce = 1000;

    public async Task<AuditVerdict> VerifyAsync(string organizationId, AuditHead? anchor, CancellationToken ct)
    {
        var chain = new AuditChain(AuditHead.Start);
        var (end, _, open) = await EndAsync(organizationId, ct);
        var found = await WalkAsync(organizationId, chain, anchor, ct);
        if (found is null)
        {
            var (now, last, _) = await EndAsync(organizationId, ct);
            found = chain.Head switch
            {
                { Number: var number } when number < end.Number => new AuditBreak(number + 1, AuditBreak.Missing),
                { Number: var number } when number < anchor?.Number => new AuditBreak(number + 1, AuditBreak.Missing),
                _ when last > now.Number => new AuditBreak(now.Number + 1, AuditBreak.Inserted),
                var head when head.Number == now.Number && head.Hash != now.Hash => new AuditBreak(now.Number, AuditBreak.OtherHead),
                _ => null,
            };
        }

        return new AuditVerdict(chain.Head, found, open);
    }

    /// <summary>The organizations that have a log, or the one that is named.</summary>
    public async Task<IReadOnlyList<string>> OrganizationsAsync(string? organizationId, CancellationToken ct) =>
        [.. await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<string>("SELECT id FROM organization WHERE @organizationId IS NULL OR id = @organizationId ORDER BY id", new { organizationId }, tx), ct)];

    /// <summary>Whether the database has a log at all.</summary>
    public async Task<bool> IsThereAsync() => await database.ReadAsync(
        tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM sqlite_master WHERE name = 'audit_head'", null, tx), CancellationToken.None) == 1;

    private async Task<AuditBreak?> WalkAsync(string organizationId, AuditChain chain, AuditHead? anchor, CancellationToken ct)
    {
        var (number, num, take) = (long.MinValue, long.MinValue, AtOnce);
        while (true)
        {
            IReadOnlyList<AuditRow> rows;
            try
            {
                rows = await ReadAsync(organizationId, number, num, take, ct);
            }
            catch (Exception e) when (AuditRow.IsUnreadable(e))
            {
                // One by one until it is found.
                if (take == 1) return new AuditBreak(chain.Head.Number + 1, AuditBreak.Changed);
                take = 1;
                continue;
            }

            foreach (var row in rows)
            {
                if (Judge(chain, row, anchor) is { } found) return found;
                (number, num) = (row.Number!.Value, row.Num);
            }

            if (rows.Count < take) return null;
        }
    }

    private static AuditBreak? Judge(AuditChain chain, AuditRow row, AuditHead? anchor)
    {
        var expected = chain.Head.Number + 1;
        if (row.Number > expected) return new AuditBreak(expected, AuditBreak.Missing);
        if (row.Number < expected) return new AuditBreak(row.Number!.Value, AuditBreak.Inserted);
        var before = chain.Head;
        try
        {
            if (chain.Append(row).Hash == row.Hash) return anchor?.Number == expected && anchor.Hash != row.Hash ? new AuditBreak(expected, AuditBreak.OtherHead) : null;
        }
        catch (ArgumentOutOfRangeException)
        {
            // A time that is none.
        }

        chain.Return(before);
        return new AuditBreak(expected, AuditBreak.Changed);
    }

    private async Task<IReadOnlyList<AuditRow>> ReadAsync(string organizationId, long number, long num, int take, CancellationToken ct) =>
        [.. await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<AuditRow>(
                $"""
                SELECT {AuditRow.Columns} FROM audit_entry
                WHERE organization_id = @organizationId AND number >= @number AND (number > @number OR num > @num) ORDER BY number, num LIMIT @take
                """,
                new { organizationId, number, num, take },
                tx),
            ct)];

    /// <summary>The end that is kept beside the entries, the highest number, and how many entries have none yet.</summary>
    private Task<(AuditHead Head, long Last, long Open)> EndAsync(string organizationId, CancellationToken ct) => database.ReadAsync(
        async tx =>
        {
            var head = await tx.Connection!.QuerySingleOrDefaultAsync<(long Number, string Hash)?>(
                "SELECT number, hash FROM audit_head WHERE organization_id = @organizationId", new { organizationId }, tx);
            var (last, open) = await tx.Connection!.QuerySingleAsync<(long, long)>(
                """
                SELECT COALESCE((SELECT MAX(number) FROM audit_entry WHERE organization_id = @organizationId AND number IS NOT NULL), 0),
                  (SELECT COUNT(*) FROM audit_entry WHERE organization_id = @organizationId AND number IS NULL)
                """,
                new { organizationId },
                tx);
            return (head is var (number, hash) ? new AuditHead(number, hash) : AuditHead.Start, last, open);
        },
        ct);
}
