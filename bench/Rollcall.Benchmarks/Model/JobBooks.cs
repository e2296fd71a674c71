using Dapper;
using Rollcall.Server.Storage;

namespace Rollcall.Benchmarks.Model;

/// <summary>What holds between the rows at every commit, whoever worked, cancelled, erased, retried or deleted.</summary>
internal static class JobBooks
{
    // Of a job that failed as a whole nothing is final, and nothing waits.
    private const string Wrong =
        """
        SELECT j.id || ' ' || j.status || ' ' || j.total || '=' || j.succeeded || '+' || j.failed || '+open' FROM job j WHERE NOT (
          j.succeeded = (SELECT COUNT(*) FROM job_item i WHERE i.job_id = j.id AND i.state = 1)
          AND j.failed = (SELECT COUNT(*) FROM job_item i WHERE i.job_id = j.id AND i.state = 2)
          AND j.total = (SELECT COUNT(*) FROM job_item i WHERE i.job_id = j.id)
          AND (j.status = 'failed' OR j.total - j.processed = (SELECT COUNT(*) FROM work w WHERE w.job_id = j.id))
          AND (j.status <> 'failed' OR NOT EXISTS (SELECT 1 FROM work w WHERE w.job_id = j.id))
          AND (j.cancelled_at IS NULL OR NOT EXISTS (SELECT 1 FROM work w WHERE w.job_id = j.id AND w.state = 0)))
        UNION ALL
        SELECT item_id || ' waits and is final' FROM work w JOIN job_item i ON i.id = w.item_id WHERE i.state <> 0
        UNION ALL
        SELECT item_id || ' waits and belongs to nothing' FROM work WHERE item_id NOT IN (SELECT id FROM job_item)
        UNION ALL
        SELECT id || ' counts ' || face_count || ' faces of ' || person_count FROM collection c WHERE
          face_count <> (SELECT COUNT(*) FROM face WHERE collection_id = c.id AND state = 0)
          OR person_count <> (SELECT COUNT(DISTINCT person_num) FROM face WHERE collection_id = c.id AND state = 0)
        UNION ALL
        SELECT id || ' counts ' || stored_bytes || ' bytes' FROM organization o WHERE stored_bytes <>
          (SELECT COALESCE(SUM(i.blob_bytes), 0) FROM job_item i JOIN job j ON j.id = i.job_id WHERE j.organization_id = o.id AND i.blob IS NOT NULL)
          + (SELECT COALESCE(SUM(image_bytes), 0) FROM face WHERE organization_id = o.id AND image IS NOT NULL)
        """;

    public static async Task CheckAsync(Database database) =>
        Complaint.UnlessSame([], await database.ReadAsync(tx => tx.Connection!.QueryAsync<string>(Wrong, null, tx), CancellationToken.None), "the books");
}
