using System.Security.Cryptography;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Server.Audit;
using Rollcall.Server.Batches;
using Rollcall.Server.Collections;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Faces;

/// <summary>What is to be enrolled with a request of its own.</summary>
internal sealed record SingleRequest(string ExternalId, string? Metadata, JobOptions Options);

/// <summary>One face, enrolled while the caller waits, by the same rules as an item of a job; it has its place in the collection's order of jobs.</summary>
internal sealed class SingleEnrolment(
    Database database, DiskSpace disk, StorageQuota quota, FileBlobStore blobs, FaceModels models, FaceStore faces, KnownFaces known, Suppressions suppressions, AuditTrail audit, TimeProvider time) : IDisposable
{
    private const int Places = 32;
    private const int PlacesOfOne = Places / 2;
    private const int RetryAfterSeconds = 1;
    private const int MostLooks = 3;

    // Taken before the picture is read, so that slow senders cannot fill the memory, nor those of one organization keep the others out.
    private readonly SharedPlaces _places = new(Places, PlacesOfOne);

    // A decoded picture is many times its file.
    private readonly SemaphoreSlim _turn = new(Environment.ProcessorCount);

    public async Task<Result<(Face Face, bool IsNew)>> ReceiveAsync(HttpRequest http, string organizationId, Collection collection, CancellationToken ct)
    {
        if (disk.IsLow) return DiskSpace.Full();
        if (!_places.TryEnter(organizationId))
            return new Problem(ErrorCodes.ServiceBusy, "Too many pictures are being enrolled singly: try again shortly, or send a batch.") { RetryAfterSeconds = RetryAfterSeconds };

        try
        {
            if ((await ProbeForm.ReadAsync(http, SingleForm.Form, ct)).IsRefused(out var problem, out var form)) return problem;
            if (SingleForm.Parse(form!.Fields, collection.Settings, models.Engine).IsRefused(out problem, out var request)) return problem;
            return await EnrolAsync(organizationId, collection, request!, form.Images.Values.Single(), ct);
        }
        finally
        {
            _places.Leave(organizationId);
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<FaceAnalysis> AnalyzeInTurnAsync(ReadOnlyMemory<byte> image, AnalysisOptions options, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return await Task.Run(() => models.Engine.Analyze(image, options, ct), ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The request's place in the collection's order of jobs; null when the collection is gone.</summary>
    public async Task<ClaimedItem?> AcceptAsync(string organizationId, Collection collection, SingleRequest request, long bytes, string sha256, CancellationToken ct)
    {
        var place = await database.WriteAsync(
            tx => tx.Connection!.ExecuteScalarAsync<long?>(
                "UPDATE collection SET accept_seq = accept_seq + 1 WHERE id = @Id AND organization_id = @organizationId AND deleted_at IS NULL RETURNING accept_seq",
                new { collection.Id, organizationId },
                tx),
            ct);
        if (place is null) return null;

        var token = Guid.NewGuid().ToString("N");
        return new ClaimedItem
        {
            ItemId = token,
            JobId = token,
            IsSingle = true,
            Fence = 0,
            Suspect = false,
            Crashes = 0,
            Decode = true,
            ItemIndex = 0,
            OrganizationId = organizationId,
            CollectionId = collection.Id,
            CollectionModel = collection.Model!.Id,
            AcceptSeq = place.Value,
            ExternalId = request.ExternalId,
            Metadata = request.Metadata,
            BlobBytes = bytes,
            ImageSha256 = sha256,
            Options = request.Options.ToJson(),
        };
    }

    /// <summary>Applies the rules under the person's lock; without a result the picture has not been looked at.</summary>
    public async Task<Verdict> ApplyAsync(ClaimedItem item, ItemResult.Embedded? result, CancellationToken ct)
    {
        var (applied, replaced) = await database.WriteAsync(
            async tx =>
            {
                // A deleted collection takes no person either, not even one that is then not enrolled.
                var lives = await tx.Connection!.ExecuteScalarAsync<long>(
                    "SELECT COUNT(*) FROM collection WHERE id = @CollectionId AND deleted_at IS NULL", new { item.CollectionId }, tx);
                if (lives == 0) throw new CollectionGoneException();

                var persons = await PersonLedger.LockAsync(tx, [item], suppressions);
                var verdict = new PersonRules(persons.Of(item), models.Engine.Pack.Calibration, time).Apply(item, result);
                var images = await persons.WriteAsync(tx, time.Now());
                if (verdict is not Verdict.Success) await persons.ForgetStrangersAsync(tx);
                if (verdict.ToEvent(item) is { } entry) await audit.RecordAsync(tx, item.OrganizationId, entry);
                return (verdict, images);
            },
            ct);
        blobs.DeleteAll(replaced);
        return applied;
    }

    /// <summary>The face that now stands, and whether this request made it.</summary>
    private async Task<Result<(Face Face, bool IsNew)>> EnrolAsync(
        string organizationId, Collection collection, SingleRequest request, ReadOnlyMemory<byte> image, CancellationToken ct)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(image.Span));
        if (await AcceptAsync(organizationId, collection, request, image.Length, sha256, ct) is not { } item) return CollectionStore.NotFound();

        // First without the picture: what stands may decide. Only then is it decoded, and again if the references by which a face was
        // chosen are others by the time of the commit.
        var verdict = await ApplyAsync(item, null, ct);
        for (var look = 1; verdict is Verdict.NeedsDecoding; look++)
        {
            if (look > MostLooks) return new Problem(ErrorCodes.ServiceBusy, "The person is being enrolled by others in this very moment: try again.") { RetryAfterSeconds = RetryAfterSeconds };
            var options = item.JobOptions.ToAnalysis() with { Known = await known.ReadAsync(item, ct) };
            var analysis = await AnalyzeInTurnAsync(image, options, ct);
            if (analysis is not FaceAnalysis.Found found) return FaceProblems.Of(analysis);
            var result = ItemResult.Embedded.Of(found);
            if (!item.JobOptions.KeepImages) verdict = await ApplyAsync(item, result, ct);
            else if ((await ApplyAndKeepAsync(item, image, result, ct)).IsRefused(out var noRoom, out verdict)) return noRoom;
        }

        if (verdict is Verdict.Failure failure) return new Problem(failure.Code, failure.Message) { Details = failure.Details };
        var success = (Verdict.Success)verdict!;
        return await faces.FindAsync(organizationId, collection.Id, success.Standing.Id, ct) is { } face
            ? (face, success.Outcome is ItemOutcome.Enrolled or ItemOutcome.Replaced)
            : new Problem(ErrorCodes.FaceNotFound, "The face was replaced or deleted by another request in this very moment.");
    }

    /// <summary>
    /// The image first and the row second, as in a batch: what a crash leaves in between is a file that the sweep removes. A caller that
    /// goes away after the image is written does not stop it.
    /// </summary>
    private async Task<Result<Verdict>> ApplyAndKeepAsync(ClaimedItem item, ReadOnlyMemory<byte> image, ItemResult.Embedded result, CancellationToken ct)
    {
        if ((await UploadAllowance.OpenAsync(disk, quota, item.OrganizationId, image.Length, ct)).IsRefused(out var problem, out var allowance)) return problem;

        using var room = allowance;
        var group = item.JobId;
        var isOwned = false;
        try
        {
            var upload = await blobs.PutAsync(group, "000", new MemoryStream(image.ToArray(), writable: false), BatchIntake.MostImageBytes, room, ct);
            blobs.SyncGroup(group);
            isOwned = true; // until the commit has said otherwise: it may succeed and not be able to tell
            var verdict = await ApplyAsync(item with { Blob = upload.Name }, result, CancellationToken.None);
            isOwned = verdict is Verdict.Success { Standing.Source: not null };
            return verdict;
        }
        catch (NoRoomException e)
        {
            return e.Problem;
        }
        catch (CollectionGoneException)
        {
            isOwned = false;
            throw;
        }
        finally
        {
            if (!isOwned) blobs.DeleteGroup(group);
        }
    }
}
