using System.Collections.Concurrent;
using Rollcall.Client.Contracts;
using Rollcall.Server.Collections;
using Rollcall.Server.Hosting;
using Rollcall.Server.Organizations;
using Rollcall.Server.Storage;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Batches;

/// <summary>
/// Receives a batch: one pass over the body, each image hashed while it flows into the store, never held in memory whole. Blobs first,
/// rows second; what is refused, broken off or abandoned leaves no file behind.
/// </summary>
internal sealed partial class BatchIntake(
    FileBlobStore blobs,
    UploadPlaces places,
    DiskSpace disk,
    StorageQuota quota,
    BatchStore store,
    ApiKeyStore keys,
    IdempotencyStore idempotency,
    FaceModels models,
    Instruments instruments,
    TimeProvider time,
    ILogger<BatchIntake> logger)
{
    public const long MostImageBytes = 10 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, bool> _receiving = new(StringComparer.Ordinal);

    /// <summary>Whether a group of blobs belongs to an upload that this process is receiving and that has no rows yet.</summary>
    public bool IsReceiving(string group) => _receiving.ContainsKey(group);

    /// <summary>
    /// The accepted batch: its images and its job are durable. With a key, the key is reserved before the body is read; a key that has made
    /// a job answers with that job when the body says the same.
    /// </summary>
    public async Task<Result<AcceptedBatch>> AcceptAsync(
        HttpRequest request, Caller caller, Collection collection, IdempotencyKey? key, int mostImages, CancellationToken ct)
    {
        if (MultipartParts.Open(request).IsRefused(out var problem, out var parts)) return problem;
        if (!places.TryEnter(caller.OrganizationId)) return UploadPlaces.None();
        try
        {
            if (key is null) return await ReceiveAndCommitAsync(parts!, caller, collection, null, mostImages, ct);

            return await idempotency.ReserveAsync(key, ct) switch
            {
                KeyState.Used used => await CompareAsync(parts!, collection, used, mostImages, ct),
                KeyState.Reserved reserved => await ReceiveUnderKeyAsync(parts!, caller, collection, key, reserved.Token, mostImages, ct),
                _ => InUse(),
            };
        }
        finally
        {
            places.Leave(caller.OrganizationId);
        }
    }

    private async Task<Result<AcceptedBatch>> ReceiveAndCommitAsync(
        MultipartParts parts, Caller caller, Collection collection, (IdempotencyKey Key, string Token)? reservation, int mostImages, CancellationToken ct)
    {
        if ((await UploadAllowance.OpenAsync(disk, quota, caller.OrganizationId, parts.Announced, ct)).IsRefused(out var problem, out var room)) return problem;
        using var allowance = room!; // until the commit, which counts what is stored

        using var span = Instruments.Spans.StartActivity("intake");
        var jobId = Ids.NewJob(time);
        _receiving[jobId] = true;
        var isKept = false;
        try
        {
            var received = await ReceiveAsync(
                jobId, parts, collection.Settings, (index, content) => blobs.PutAsync(jobId, $"{index:D3}", content, MostImageBytes, allowance, ct), mostImages, ct);
            if (received.IsRefused(out problem, out var batch)) return problem;

            // The body may have taken hours: who revoked the key meanwhile means this batch too.
            if (await keys.IsRevokedAsync(caller.OrganizationId, caller.Credential, ct)) return ApiKeyAuthentication.Refusal();

            if (batch!.Items.Any(item => item.Upload.Name is not null)) blobs.SyncGroup(jobId);
            else blobs.DeleteGroup(jobId); // all too large: there is nothing to keep
            isKept = true; // until the commit has said otherwise: it may succeed and not be able to tell
            isKept = await CommitAsync(caller.OrganizationId, collection.Id, batch, reservation) == Creation.Created;
            if (isKept) instruments.BatchesAccepted.Add(1);
            span?.SetTag("rollcall.job_id", jobId).SetTag("rollcall.items", batch.Items.Count);
            return isKept ? new AcceptedBatch(jobId, batch.Items.Count, Replayed: false) : CollectionStore.NotFound();
        }
        catch (BrokenUploadException)
        {
            return MultipartParts.Broken();
        }
        catch (NoRoomException full)
        {
            return full.Problem;
        }
        finally
        {
            if (!isKept) blobs.DeleteGroup(jobId);
            _receiving.TryRemove(jobId, out _);
        }
    }

    /// <summary>A caller that goes away now does not stop it: the images are there, and the job may be half on its way.</summary>
    private async Task<Creation> CommitAsync(
        string organizationId, string collectionId, BatchSubmission batch, (IdempotencyKey Key, string Token)? reservation)
    {
        try
        {
            return await store.CreateAsync(organizationId, collectionId, batch, reservation, CancellationToken.None);
        }
        catch
        {
            if (await IsMissingAsync(organizationId, batch.JobId)) blobs.DeleteGroup(batch.JobId);
            throw;
        }
    }

    private async Task<bool> IsMissingAsync(string organizationId, string jobId)
    {
        try
        {
            return await store.FindAsync(organizationId, null, jobId, ResultsView.None, CancellationToken.None) is null;
        }
        catch (Exception e)
        {
            LogUnknown(e, jobId);
            return false;
        }
    }

    [LoggerMessage(2401, LogLevel.Error, "Whether job {JobId} was committed cannot be found out; if it was not, the sweep removes its images.")]
    private partial void LogUnknown(Exception exception, string jobId);

    private async Task<Result<BatchSubmission>> ReceiveAsync(
        string jobId, MultipartParts parts, CollectionSettings settings, Func<int, Stream, Task<StoredBlob>> take, int mostImages, CancellationToken ct)
    {
        var form = new BatchForm();
        var uploads = new List<StoredBlob>();
        using var fingerprint = new BodyFingerprint();
        while (true)
        {
            if ((await parts.NextAsync(ct)).IsRefused(out var problem, out var part)) return problem;
            if (part.Name is null) break;

            if (BatchForm.IsImage(part.Name))
            {
                if (uploads.Count == mostImages)
                    return new Problem(ErrorCodes.TooManyImages, $"A request to this route has at most {mostImages} images: cut it into several.");
                uploads.Add(await take(uploads.Count, part.Content));
                instruments.BatchBytes.Add(uploads[^1].Bytes);
                fingerprint.Add(part.Name, uploads[^1].Sha256);
                continue;
            }

            if (BatchForm.Form.Find(part.Name) is null) return BatchForm.Form.Unknown(part.Name); // before its bytes are taken for text
            if ((await parts.ReadTextAsync(part.Content, ct)).IsRefused(out problem, out var text)) return problem;
            if (form.Add(part.Name, text!) is { } refused) return refused;
            fingerprint.Add(part.Name, text!);
        }

        if (form.Entries(uploads.Count).IsRefused(out var wrong, out var entries)) return wrong;
        if (form.Options(settings, models.Engine).IsRefused(out wrong, out var options)) return wrong;
        var items = entries!.Select((entry, i) => new SubmittedItem(
            entry.ExternalId, entry.Metadata, uploads[i], uploads[i].Name is null ? ErrorCodes.ImageTooLarge : null));
        return new BatchSubmission(jobId, [.. items], options!, fingerprint.Finish());
    }
}
