using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Audit;

/// <summary>
/// Gives entries their numbers and hashes, after the commit of the acts: each second, before the log is read, and at the start what a dead process
/// left. The row of an organization's head is the fence: with several processes one of them chains at a time, from where the last one ended.
/// </summary>
internal sealed partial class AuditSequencer(Database database, AuditCommits commits, TimeProvider time, ILogger<AuditSequencer> logger)
    : PeriodicService(TimeSpan.FromSeconds(1), time, logger)
{
    private const int AtOnce = 1000;
    private const int OrganizationsAtOnce = 100;

    private static readonly TimeSpan HeadsToldEvery = TimeSpan.FromHours(1);

    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;
    private readonly ConcurrentDictionary<string, bool> _broken = new(StringComparer.Ordinal); // told of, so as not to tell it each second
    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);
    private long _lastTold = time.GetTimestamp();

    /// <summary>
    /// All that the organization has committed by now is in its chain when this returns. False when the chain cannot be carried on, for somebody
    /// wrote to the tables: what is chained can still be read and verified, and what is not stays where it is.
    /// </summary>
    public async Task<bool> ChainAsync(string organizationId, CancellationToken ct)
    {
        try
        {
            // Up to what is there now: else who reads would wait for as long as others write.
            var last = await database.ReadAsync(
                tx => tx.Connection!.ExecuteScalarAsync<long?>("SELECT MAX(num) FROM audit_entry WHERE organization_id = @organizationId AND number IS NULL", new { organizationId }, tx), ct);
            while (last is not null && await database.ReadAsync(
                tx => tx.Connection!.ExecuteScalarAsync<long?>("SELECT 1 FROM audit_entry WHERE organization_id = @organizationId AND number IS NULL AND num <= @last", new { organizationId, last }, tx), ct) is not null)
                await database.WriteAsync(tx => ChainSomeAsync(tx, [organizationId]), ct);
            _broken.TryRemove(organizationId, out _);
            return true;
        }
        catch (Exception e) when (IsBroken(e))
        {
            if (_broken.TryAdd(organizationId, true)) LogBroken(_logger, organizationId, e);
            return false;
        }
    }

    /// <summary>Every organization's. One whose chain cannot be carried on holds nobody else up.</summary>
    public async Task ChainAsync(CancellationToken ct)
    {
        var open = (await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<string>("SELECT DISTINCT organization_id FROM audit_entry WHERE number IS NULL ORDER BY organization_id", null, tx), ct)).AsList();
        foreach (var some in open.Chunk(OrganizationsAtOnce))
        {
            try
            {
                while (await database.WriteAsync(tx => ChainSomeAsync(tx, some), ct) == AtOnce) ct.ThrowIfCancellationRequested();
            }
            catch (Exception e) when (IsBroken(e))
            {
                foreach (var organizationId in some) await ChainAsync(organizationId, ct);
            }
        }
    }

    /// <summary>Tells the ends of the chains that have moved on, for whoever collects the log: a log that is cut ends before what was told.</summary>
    public async Task TellHeadsAsync(CancellationToken ct)
    {
        var heads = await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<(string OrganizationId, long Number, string Hash)>("SELECT organization_id, number, hash FROM audit_head ORDER BY organization_id", null, tx), ct);
        foreach (var (organizationId, number, hash) in heads)
        {
            if (_told.GetValueOrDefault(organizationId) == number) continue;
            _told[organizationId] = number;
            LogHead(_logger, organizationId, number, hash);
        }

        _lastTold = _time.GetTimestamp();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await TurnAsync(cancellationToken);
            await TellHeadsAsync(cancellationToken);
        }
        catch (Exception e) when (e is DbException or IOException or OperationCanceledException)
        {
            LogNotChained(_logger, e);
        }
    }

    protected override async Task RunAsync(CancellationToken ct)
    {
        await TurnAsync(ct);
        if (_time.GetElapsedTime(_lastTold) >= HeadsToldEvery) await TellHeadsAsync(ct);
    }

    private async Task TurnAsync(CancellationToken ct)
    {
        await commits.CommitPostponedAsync(ct);
        await ChainAsync(ct);
    }

    /// <summary>What is not of the log or contradicts it; not an outage, which ends with the next try.</summary>
    private bool IsBroken(Exception e) => AuditRow.IsUnreadable(e) || (e is DbException failure && database.Dialect.IsConstraintViolation(failure));

    /// <summary>How many it has chained.</summary>
    private static async Task<int> ChainSomeAsync(DbTransaction tx, IReadOnlyList<string> organizations)
    {
        // The update locks the heads; only then is it read what is open, so that nobody else chains the same.
        var heads = (await tx.Connection!.QueryAsync<(string OrganizationId, long Number, string Hash)>(
            """
            INSERT INTO audit_head (organization_id, number, hash) SELECT id, @Number, @Hash FROM organization WHERE id IN @organizations ORDER BY id
            ON CONFLICT (organization_id) DO UPDATE SET number = audit_head.number RETURNING organization_id, number, hash
            """,
            new { organizations, AuditHead.Start.Number, AuditHead.Start.Hash },
            tx)).ToDictionary(head => head.OrganizationId, head => new AuditChain(new AuditHead(head.Number, head.Hash)), StringComparer.Ordinal);
        var open = (await tx.Connection!.QueryAsync<AuditRow>(
            $"SELECT {AuditRow.Columns} FROM audit_entry WHERE number IS NULL AND organization_id IN @organizations ORDER BY num LIMIT @most",
            new { organizations, most = AtOnce },
            tx)).AsList();
        var chained = open.ConvertAll(row =>
        {
            var head = heads[row.OrganizationId].Append(row);
            return new { row.Num, head.Number, head.Hash };
        });
        await tx.Connection!.ExecuteAsync("UPDATE audit_entry SET number = @Number, hash = @Hash WHERE num = @Num AND number IS NULL", chained, tx);
        await tx.Connection!.ExecuteAsync(
            "UPDATE audit_head SET number = @Number, hash = @Hash WHERE organization_id = @OrganizationId",
            heads.Select(head => new { OrganizationId = head.Key, head.Value.Head.Number, head.Value.Head.Hash }),
            tx);
        return chained.Count;
    }

    [LoggerMessage(2901, LogLevel.Information, "The audit log of organization {OrganizationId} has {Number} entries; the hash of the last is {Hash}.")]
    private static partial void LogHead(ILogger logger, string organizationId, long number, string hash);

    [LoggerMessage(2902, LogLevel.Warning, "At the stop the last entries of the audit log could not be chained; the next start does it. Failed logins of the last second may be missing.")]
    private static partial void LogNotChained(ILogger logger, Exception exception);

    [LoggerMessage(2904, LogLevel.Error, "The audit log of organization {OrganizationId} cannot be carried on: somebody wrote to its tables. Ask audit verify where.")]
    private static partial void LogBroken(ILogger logger, string organizationId, Exception exception);
}
