using System.Data.Common;
using System.Security.Cryptography;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.Organizations;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Batches;

/// <summary>Batches under an idempotency key.</summary>
internal sealed partial class BatchIntake
{
    private const int RetryAfterSeconds = 2;

    private static Problem InUse() => new(ErrorCodes.IdempotencyKeyInUse, "A request with this Idempotency-Key is being received: try again shortly.")
    {
        RetryAfterSeconds = RetryAfterSeconds,
    };

    private async Task<Result<AcceptedBatch>> ReceiveUnderKeyAsync(
        MultipartParts parts, Caller caller, Collection collection, IdempotencyKey key, string token, int mostImages, CancellationToken ct)
    {
        var isCommitted = false;
        using var received = new CancellationTokenSource();
        var renewing = RenewAsync(key, token, received.Token);
        try
        {
            var accepted = await ReceiveAndCommitAsync(parts, caller, collection, (key, token), mostImages, ct);
            isCommitted = !accepted.IsRefused(out _, out _);
            return accepted;
        }
        catch (ReservationLostException)
        {
            return InUse();
        }
        finally
        {
            await received.CancelAsync();
            await renewing;
            if (!isCommitted) await idempotency.ReleaseAsync(key, token, CancellationToken.None);
        }
    }

    private async Task RenewAsync(IdempotencyKey key, string token, CancellationToken received)
    {
        using var timer = new PeriodicTimer(IdempotencyStore.Lease / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(received))
            {
                try
                {
                    await idempotency.RenewAsync(key, token, received);
                }
                catch (DbException e)
                {
                    LogNotRenewed(e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The body is received.
        }
    }

    private async Task<Result<AcceptedBatch>> CompareAsync(MultipartParts parts, Collection collection, KeyState.Used used, int mostImages, CancellationToken ct)
    {
        try
        {
            var read = await ReceiveAsync(used.JobId, parts, collection.Settings, (_, content) => HashAsync(content, ct), mostImages, ct);
            if (read.IsRefused(out var problem, out var batch)) return problem;
            return batch!.Fingerprint == used.Fingerprint
                ? new AcceptedBatch(used.JobId, used.Total, Replayed: true)
                : new Problem(ErrorCodes.IdempotencyKeyReused, "This Idempotency-Key was used for another body: take a new one for a new batch.");
        }
        catch (BrokenUploadException)
        {
            return MultipartParts.Broken();
        }
    }

    private static async Task<StoredBlob> HashAsync(Stream content, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        long total = 0;
        int read;
        while ((read = await content.ReadAsync(buffer, ct)) > 0)
        {
            total += read;
            hash.AppendData(buffer, 0, read);
        }

        return new StoredBlob(null, total, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [LoggerMessage(2402, LogLevel.Warning, "The lease on an idempotency key could not be renewed; if it runs out before the body is received, the request is refused.")]
    private partial void LogNotRenewed(Exception exception);
}
