using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Batches;

/// <summary>
/// Receives a batch: one pass over the body, each image hashed while it flows into the store, never held in memory whole. What is
/// refused, broken off or abandoned leaves no file behind.
/// </summary>
internal sealed class BatchIntake(FileBlobStore blobs, FaceModels models, TimeProvider time)
{
    public const long MostImageBytes = 10 * 1024 * 1024;

    public async Task<Result<BatchSubmission>> ReceiveAsync(HttpRequest request, CollectionSettings settings, CancellationToken ct)
    {
        if (MultipartParts.Open(request).IsRefused(out var problem, out var parts)) return problem;

        var jobId = Ids.NewJob(time);
        var kept = false;
        try
        {
            var received = await ReceiveAsync(jobId, parts!, settings, ct);
            if (received.IsRefused(out problem, out var batch)) return problem;
            blobs.SyncGroup(jobId);
            kept = true;
            return batch!;
        }
        catch (BrokenUploadException)
        {
            return MultipartParts.Broken();
        }
        finally
        {
            if (!kept) blobs.DeleteGroup(jobId);
        }
    }

    public void Discard(BatchSubmission batch) => blobs.DeleteGroup(batch.JobId);

    private async Task<Result<BatchSubmission>> ReceiveAsync(string jobId, MultipartParts parts, CollectionSettings settings, CancellationToken ct)
    {
        var form = new BatchForm();
        var uploads = new List<StoredBlob>();
        while (true)
        {
            if ((await parts.NextAsync(ct)).IsRefused(out var problem, out var part)) return problem;
            if (part.Name is null) break;

            if (BatchForm.IsImage(part.Name))
            {
                if (uploads.Count == BatchForm.MostImages)
                    return new Problem(ErrorCodes.TooManyImages, $"A batch has at most {BatchForm.MostImages} images: cut it into several.");
                uploads.Add(await blobs.PutAsync(jobId, $"{uploads.Count:D3}", part.Content, MostImageBytes, ct));
                continue;
            }

            if ((await parts.ReadTextAsync(part.Content, ct)).IsRefused(out problem, out var text)) return problem;
            if (form.Add(part.Name, text!) is { } refused) return refused;
        }

        if (form.Entries(uploads.Count).IsRefused(out var wrong, out var entries)) return wrong;
        if (form.Options(settings, models.Engine.Pack.Calibration.IdentityGuard).IsRefused(out wrong, out var options)) return wrong;
        var items = entries!.Select((entry, i) => new SubmittedItem(
            entry.ExternalId, entry.Metadata, uploads[i], uploads[i].Name is null ? ErrorCodes.ImageTooLarge : null));
        return new BatchSubmission(jobId, [.. items], options!);
    }
}
