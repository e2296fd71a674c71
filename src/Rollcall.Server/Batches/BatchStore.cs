using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Batches;

/// <summary>Jobs as callers see them.</summary>
internal sealed class BatchStore(Database database, IdempotencyStore idempotency, AuditTrail audit, TimeProvider time)
{
    public static Problem NotFound() => new(ErrorCodes.BatchJobNotFound, "There is no such job here; a finished one is kept for 7 days.");

    public static Problem NotFinished() => new(ErrorCodes.JobNotFinished, "The job is not at its end yet: wait for it, or cancel it.");

    /// <summary>The job, its items, their work and the caller's key in one transaction.</summary>
    public Task<Creation> CreateAsync(
        string organizationId, string collectionId, BatchSubmission batch, (IdempotencyKey Key, string Token)? reservation, CancellationToken ct) =>
        database.WriteAsync(
            async tx =>
            {
                if (!await InsertAsync(tx, organizationId, collectionId, batch, parentJobId: null, audit.Source, time.Now())) return Creation.CollectionGone;
                if (reservation is var (key, token) && !await idempotency.FillAsync(tx, key, token, batch)) throw new ReservationLostException();
                await audit.RecordAsync(tx, organizationId, AuditEvent.OfBatch(AuditActions.BatchSubmitted, batch.JobId, collectionId) with { Details = DetailsOf(batch) });
                return Creation.Created;
            },
            ct);

    /// <summary>The job, its items and their work, in its place in the order of the collection's jobs; false when the collection is gone.</summary>
    public static async Task<bool> InsertAsync(
        DbTransaction tx, string organizationId, string collectionId, BatchSubmission batch, string? parentJobId, AuditSource by, long now)
    {
        var place = await tx.Connection!.ExecuteScalarAsync<long?>(
            "UPDATE collection SET accept_seq = accept_seq + 1 WHERE id = @collectionId AND organization_id = @organizationId AND deleted_at IS NULL RETURNING accept_seq",
            new { collectionId, organizationId },
            tx);
        if (place is null) return false;

        var items = batch.Items.Select((item, index) => new
        {
            id = Ids.Item(batch.JobId, index),
            jobId = batch.JobId,
            index,
            item.ExternalId,
            item.Metadata,
            blob = item.Upload.Name,
            bytes = item.Upload.Bytes,
            sha256 = item.Upload.Sha256,
            item.Refusal,
        }).ToList();
        await tx.Connection!.ExecuteAsync(
            """
            INSERT INTO job (id, organization_id, collection_id, accept_seq, options, dry_run, trace_parent, submitted_by, parent_job_id, status, total, created_at)
            VALUES (@JobId, @organizationId, @collectionId, @place, @options, @dryRun, @Submitting, @submittedBy, @parentJobId, 'queued', @total, @now)
            """,
            new
            {
                batch.JobId,
                organizationId,
                collectionId,
                place,
                options = batch.Options.ToJson(),
                dryRun = batch.Options.DryRun ? 1 : 0,
                ItemSpans.Submitting,
                submittedBy = by.ToJson(),
                parentJobId,
                total = items.Count,
                now,
            },
            tx);
        await tx.Connection!.ExecuteAsync(
            """
            INSERT INTO job_item (id, job_id, item_index, external_id, metadata, blob, blob_bytes, image_sha256, refusal)
            VALUES (@id, @jobId, @index, @ExternalId, @Metadata, @blob, @bytes, @sha256, @Refusal)
            """,
            items,
            tx);
        await WorkQueue.EnqueueAsync(tx, organizationId, batch.JobId, items.Select(item => item.id));
        return true;
    }

    public static JsonObject DetailsOf(BatchSubmission batch) => new()
    {
        ["items"] = batch.Items.Count,
        ["on_duplicate"] = WireName.Of(batch.Options.OnDuplicate),
        ["allow_identity_change"] = batch.Options.AllowIdentityChange,
        ["check_liveness"] = batch.Options.CheckLiveness,
        ["dry_run"] = batch.Options.DryRun,
    };

    /// <summary>A job with the results asked for, from one snapshot, so that its counters and its results agree.</summary>
    public Task<BatchJob?> FindAsync(string organizationId, string? collectionId, string jobId, ResultsView results, CancellationToken ct) =>
        database.ReadAsync(
            async tx =>
            {
                var row = await tx.Connection!.QuerySingleOrDefaultAsync<JobRow>(
                    $"SELECT {JobRow.Columns} FROM job WHERE {JobRow.IsThere}", new { jobId, organizationId, collectionId, now = time.Now() }, tx);
                if (row is null) return null;
                if (results == ResultsView.None) return row.ToContract(null);

                var items = await tx.Connection!.QueryAsync<JobItemRow>(
                    $"SELECT {JobItemRow.Columns} FROM job_item WHERE job_id = @jobId AND state >= @least ORDER BY item_index",
                    new { jobId, least = results == ResultsView.Failed ? ItemRow.Failed : ItemRow.Succeeded },
                    tx);
                return row.ToContract([.. items.Select(item => item.ToContract())]);
            },
            ct);

    /// <summary>How many items of all tenants will be taken before the last of this job's, and that one.</summary>
    public Task<long> CountAheadAsync(string jobId, CancellationToken ct) => database.ReadAsync(
        tx => tx.Connection!.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM work WHERE tag <= (SELECT MAX(tag) FROM work WHERE job_id = @jobId)", new { jobId }, tx),
        ct);

    public async Task<IReadOnlyList<BatchJob>> ListAsync(
        string organizationId, IReadOnlyList<string>? confinedTo, JobFilter filter, Page page, CancellationToken ct)
    {
        var confined = confinedTo is null ? "" : "AND collection_id IN @confinedTo";
        var rows = await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<JobRow>(
                $"""
                SELECT {JobRow.Columns} FROM job
                WHERE organization_id = @organizationId {confined}
                  AND (@status IS NULL OR status = @status)
                  AND (@collection IS NULL OR collection_id = @collection)
                  AND (@after IS NULL OR created_at > @after)
                  AND (@before IS NULL OR created_at < @before)
                  AND (expires_at IS NULL OR expires_at > @now)
                  AND (@cursor IS NULL OR id < @cursor)
                ORDER BY id DESC LIMIT @take
                """,
                new
                {
                    organizationId,
                    confinedTo,
                    status = filter.Status is { } status ? WireName.Of(status) : null,
                    collection = filter.CollectionId,
                    after = filter.CreatedAfter?.ToUnixTimeMilliseconds(),
                    before = filter.CreatedBefore?.ToUnixTimeMilliseconds(),
                    now = time.Now(),
                    cursor = page.After,
                    take = page.Limit + 1,
                },
                tx),
            ct);
        return [.. rows.Select(row => row.ToContract(null))];
    }
}

/// <summary>What became of a job that was to be created.</summary>
internal enum Creation
{
    Created,

    /// <summary>The collection was deleted while the body was received.</summary>
    CollectionGone,
}

/// <summary>The lease on the caller's key ran out while the body was received, and another request took it: this one must not commit.</summary>
internal sealed class ReservationLostException : Exception;

/// <summary>Which items a poll shows.</summary>
internal enum ResultsView
{
    All,
    Failed,
    None,
}

internal sealed record JobFilter(JobStatus? Status, string? CollectionId, DateTimeOffset? CreatedAfter, DateTimeOffset? CreatedBefore);
