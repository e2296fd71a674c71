using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using Rollcall.Server.Audit;
using Rollcall.Server.Batches;
using Rollcall.Server.Faces;
using Rollcall.Server.Storage;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Enrolment;

/// <summary>
/// The leased queue. The table <c>work</c> holds a row for each unfinished item; whoever holds the row's newest fence may complete it,
/// once. Locks are taken in the order work, person, job, collection.
/// </summary>
internal sealed partial class WorkQueue(
    Database database, FileBlobStore blobs, Suppressions suppressions, BatchEvents events, LeaseClock clock, Instruments instruments, AuditTrail audit, TimeProvider time, IOptions<QueueOptions> options, ILogger<WorkQueue> logger)
{
    private readonly QueueOptions _options = options.Value;

    /// <summary>Whether the database failed for reasons of its own, which pass, rather than for what it was given.</summary>
    public bool IsOutage(Exception exception) =>
        exception is IOException || (exception is DbException failure && !database.Dialect.IsConstraintViolation(failure));

    /// <summary>Puts a new job's items in the queue, within the transaction that creates them.</summary>
    public static async Task EnqueueAsync(DbTransaction tx, string organizationId, string jobId, IEnumerable<string> itemIds)
    {
        // Virtual start times: a tenant continues after its own last item, or joins where the queue now stands. So thousands of items
        // of one tenant do not stand before the first of another, and the claim remains one scan of an index.
        var start = await tx.Connection!.ExecuteScalarAsync<long>(
            """
            SELECT MAX(t) FROM (
              SELECT virtual_time AS t FROM queue_clock WHERE id = 1
              UNION ALL
              SELECT COALESCE(MAX(tag), 0) FROM work WHERE organization_id = @organizationId) AS starts
            """,
            new { organizationId },
            tx);
        var rows = itemIds.Select((itemId, i) => new { itemId, jobId, organizationId, tag = start + i + 1 });
        await tx.Connection!.ExecuteAsync(
            "INSERT INTO work (item_id, job_id, organization_id, tag) VALUES (@itemId, @jobId, @organizationId, @tag)",
            rows,
            tx);
    }
}
