using Dapper;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Enrolment;

internal sealed partial class WorkQueue
{
    /// <summary>
    /// Whether the person is suppressed, the very same image stands or was superseded by the item's own job, a later job has been here, or something stands that is to
    /// be skipped or rejected. A look without the person's lock, to spare the decoding; the completion looks again under it.
    /// </summary>
    public async Task<bool> IsDecidedAsync(ClaimedItem item, CancellationToken ct) => await database.ReadAsync(
        tx => tx.Connection!.ExecuteScalarAsync<long>(
            """
            SELECT (SELECT COUNT(*) FROM suppression WHERE collection_id = @CollectionId AND mark = @mark) + COUNT(*)
            FROM face f JOIN person p ON p.num = f.person_num
            WHERE p.collection_id = @CollectionId AND p.external_id = @ExternalId
              AND ((f.image_sha256 = @ImageSha256 AND f.model = @CollectionModel AND (f.state = 0 OR f.superseded_by = @JobId))
                OR (f.state = 0 AND f.owner_seq > @AcceptSeq)
                OR (f.state = 0 AND f.owner_seq < @AcceptSeq AND @standingDecides = 1 AND f.image_sha256 NOT IN
                  (SELECT image_sha256 FROM job_item WHERE job_id = @JobId AND external_id = @ExternalId)))
            """,
            new
            {
                item.CollectionId,
                mark = suppressions.MarkOf(item.CollectionId, item.ExternalId),
                item.ExternalId,
                item.ImageSha256,
                item.CollectionModel,
                item.AcceptSeq,
                item.JobId,
                standingDecides = item.JobOptions.OnDuplicate is OnDuplicate.Skip or OnDuplicate.Reject ? 1 : 0,
            },
            tx),
        ct) > 0;
}
