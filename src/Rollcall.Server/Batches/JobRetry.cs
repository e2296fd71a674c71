using System.Data.Common;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;
using Rollcall.Server.Collections;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Storage;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Batches;

/// <summary>Tries failed items of a finished job again, as a job of its own that takes their uploads over.</summary>
internal sealed class JobRetry(
    Database database, BatchStore store, CollectionStore collections, FaceModels models, WorkSignal signal, Instruments instruments, AuditTrail audit, TimeProvider time)
{
    private static Problem NothingToRetry() => new(ErrorCodes.NothingToRetry, "No failed item that was asked for has its upload any more: it was retried before, or there was none.");

    /// <summary>The new job, which is durable.</summary>
    public async Task<Result<BatchJob>> RetryAsync(string organizationId, string? collectionId, string jobId, RetryBatch request, CancellationToken ct)
    {
        if (WrongCodes(request.Codes) is { } wrong) return wrong;
        if (await store.FindAsync(organizationId, collectionId, jobId, ResultsView.None, ct) is not { } parent) return BatchStore.NotFound();
        if (parent.CompletedAt is null) return BatchStore.NotFinished();
        if ((await collections.UsableAsync(organizationId, parent.CollectionId, ct)).IsRefused(out var problem, out var collection)) return problem;

        var retried = await database.WriteAsync<Result<BatchJob>>(tx => RetryAsync(tx, organizationId, jobId, collection!, request), ct);
        if (retried.IsRefused(out _, out _)) return retried;
        instruments.BatchesAccepted.Add(1);
        signal.Set();
        return retried;
    }

    private async Task<Result<BatchJob>> RetryAsync(DbTransaction tx, string organizationId, string jobId, Collection collection, RetryBatch request)
    {
        var now = time.Now();
        var parent = await tx.Connection!.QuerySingleOrDefaultAsync<JobRow>(
            $"UPDATE job SET total = total WHERE {JobRow.IsThere} RETURNING {JobRow.Columns}", // the no-op update locks it: an upload is taken over once
            new { jobId, organizationId, collectionId = collection.Id, now },
            tx);
        if (parent is null) return BatchStore.NotFound();
        if (GateFields.Change(JobOptions.FromJson(parent.Options), request, collection.Settings, models.Engine).IsRefused(out var problem, out var options)) return problem;

        // What has an upload in a finished job has failed, with its job if not by itself.
        var failed = (await tx.Connection!.QueryAsync<FailedItem>(
            "SELECT id, external_id, metadata, blob, blob_bytes, image_sha256, refusal, error_code FROM job_item WHERE job_id = @jobId AND blob IS NOT NULL ORDER BY item_index",
            new { jobId },
            tx)).Where(item => request.Codes?.Contains(item.ErrorCode ?? parent.ErrorCode, StringComparer.Ordinal) != false).ToList();
        if (failed.Count == 0) return NothingToRetry();

        await tx.Connection!.ExecuteAsync("UPDATE job_item SET blob = NULL WHERE id IN @ids", new { ids = failed.Select(item => item.Id) }, tx);
        var batch = new BatchSubmission(Ids.NewJob(time), [.. failed.Select(item => item.Again())], options!, Fingerprint: "");
        if (!await BatchStore.InsertAsync(tx, organizationId, collection.Id, batch, jobId, audit.Source, now)) throw new CollectionGoneException();
        var details = BatchStore.DetailsOf(batch);
        details["parent_job_id"] = jobId;
        await audit.RecordAsync(tx, organizationId, AuditEvent.OfBatch(AuditActions.BatchRetried, batch.JobId, collection.Id) with { Details = details });
        var row = await tx.Connection!.QuerySingleAsync<JobRow>($"SELECT {JobRow.Columns} FROM job WHERE id = @JobId", batch, tx);
        return row.ToContract(null);
    }

    private static Problem? WrongCodes(IReadOnlyList<string>? codes)
    {
        if (codes is null) return null;
        return codes.Count > 0 && codes.All(code => code is not null && ContractSchemas.ErrorCodeNames.Contains(code))
            ? null
            : Problem.Invalid("codes is a list of error codes, as items have them; leave it out to retry all that failed.");
    }

    private sealed record FailedItem
    {
        public required string Id { get; init; }

        public required string ExternalId { get; init; }

        public string? Metadata { get; init; }

        public required string Blob { get; init; }

        public required long BlobBytes { get; init; }

        public required string ImageSha256 { get; init; }

        public string? Refusal { get; init; }

        /// <summary>Null when its job failed as a whole.</summary>
        public string? ErrorCode { get; init; }

        public SubmittedItem Again() => new(ExternalId, Metadata, new StoredBlob(Blob, BlobBytes, ImageSha256), Refusal);
    }
}
