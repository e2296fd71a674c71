using System.Data.Common;
using Dapper;
using Rollcall.Server.Audit;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Faces;

/// <summary>
/// Erases references that are older than their collection's <c>retention_days</c>, superseded ones too, and images that no collection
/// keeps any more: once an hour and at the start, some hundreds in a transaction.
/// </summary>
/// <remarks>The age is that of the enrolment. That the very same image was sent again does not make it younger.</remarks>
internal sealed partial class FaceRetention(
    Database database, FileBlobStore blobs, KeptImages images, IndexFeed feed, AuditTrail audit, TimeProvider time, ILogger<FaceRetention> logger)
    : PeriodicService(TimeSpan.FromHours(1), time, logger)
{
    private const int AtOnce = 500;

    // Finished items of a person of whom nothing is left: no reference, no item that is still to run, no upload that could be retried.
    private const string ForgottenItems =
        """
        SELECT i.id FROM person p JOIN job_item i ON i.external_id = p.external_id JOIN job j ON j.id = i.job_id AND j.collection_id = p.collection_id
        WHERE p.num IN @persons AND NOT EXISTS (SELECT 1 FROM face WHERE person_num = p.num)
          AND NOT EXISTS (
            SELECT 1 FROM job_item o JOIN job oj ON oj.id = o.job_id
            WHERE o.external_id = p.external_id AND oj.collection_id = p.collection_id AND (o.state = 0 OR o.blob IS NOT NULL))
        """;

    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;

    public async Task SweepAsync(CancellationToken ct)
    {
        var expired = 0;
        try
        {
            expired = await ExpireAsync(ct);
        }
        catch (IOException)
        {
            await database.ScrubAsync(ct); // an image stays for now; what is gone from the tables is gone
            throw;
        }

        if (expired > 0) LogExpired(_logger, expired);
        if (expired > 0 || database.IsScrubDue) await database.ScrubAsync(ct);
        if (await images.DropUnwantedAsync(null, ct) is var dropped and > 0) LogDropped(_logger, dropped);
    }

    /// <summary>Before the first request is answered. An image that cannot be deleted just now is no reason not to start: its row is gone.</summary>
    public async Task SweepAtStartAsync(CancellationToken ct)
    {
        try
        {
            await SweepAsync(ct);
        }
        catch (IOException e)
        {
            LogNotSwept(_logger, e);
        }
    }

    protected override Task RunAsync(CancellationToken ct) => SweepAsync(ct);

    private async Task<int> ExpireAsync(CancellationToken ct)
    {
        var expired = 0;
        while (true)
        {
            var gone = await database.WriteAsync(tx => ExpireSomeAsync(tx), ct);
            blobs.DeleteAll(FaceRemoval.ImagesOf(gone));
            foreach (var collection in gone.Select(face => face.CollectionId).Distinct()) await feed.ForgetRemovedAsync(collection, ct);
            expired += gone.Count;
            if (gone.Count < AtOnce) return expired;
        }
    }

    private async Task<List<RemovedFace>> ExpireSomeAsync(DbTransaction tx)
    {
        var now = _time.Now();
        var gone = (await tx.Connection!.QueryAsync<RemovedFace>(
            """
            SELECT f.num, f.id, f.organization_id, f.collection_id, f.person_num, f.external_id, f.state, f.image
            FROM collection c JOIN face f ON f.collection_id = c.id AND f.created_at < @now - c.retention_days * 86400000
            WHERE c.retention_days IS NOT NULL ORDER BY c.id, f.created_at LIMIT @most
            """,
            new { now, most = AtOnce },
            tx)).AsList();
        if (gone.Count == 0) return gone;

        await FaceRemoval.RemoveAsync(tx, gone, now);
        var persons = FaceRemoval.PersonsOf(gone);
        await tx.Connection!.ExecuteAsync($"UPDATE job_item SET {ItemRow.Forget} WHERE id IN ({ForgottenItems})", new { persons }, tx);
        await FaceRemoval.DropPersonsAsync(tx, persons);
        await AuditTrail.AddAsync(tx, gone.GroupBy(face => face.OrganizationId).SelectMany(faces => audit.RowsOf(
            faces.Key, AuditSource.System, faces.Select(face => face.ToEvent(AuditActions.FaceExpired)))));
        return gone;
    }

    [LoggerMessage(2501, LogLevel.Information, "{Faces} references had reached the age that their collections set, and are erased.")]
    private static partial void LogExpired(ILogger logger, int faces);

    [LoggerMessage(2502, LogLevel.Information, "{Images} kept images are gone: their collections do not keep images any more.")]
    private static partial void LogDropped(ILogger logger, int images);

    [LoggerMessage(2504, LogLevel.Warning, "At the start a kept image could not be deleted; nothing names it any more, and the sweep takes it.")]
    private static partial void LogNotSwept(ILogger logger, Exception exception);
}
