using System.Data.Common;
using Dapper;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;
using Rollcall.Server.Organizations;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Batches;

/// <summary>What a key stands for.</summary>
internal abstract record KeyState
{
    private KeyState()
    {
    }

    /// <summary>It is this request's; <paramref name="Token"/> tells it from a later holder.</summary>
    public sealed record Reserved(string Token) : KeyState;

    /// <summary>Another request with it is being received.</summary>
    public sealed record InUse : KeyState;

    /// <summary>It made a job.</summary>
    public sealed record Used(string Fingerprint, string JobId, int Total) : KeyState;
}

/// <summary>
/// Idempotency keys. A reservation has a lease that its request renews while it receives; one whose lease ran out, or whose process is
/// gone, is there for the taking, and its former holder can no longer commit.
/// </summary>
internal sealed class IdempotencyStore(Database database, LeaseClock clock, TimeProvider time)
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private const string Same = "organization_id = @OrganizationId AND route = @Route AND collection_id = @CollectionId AND key = @Key";
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    public Task<KeyState> ReserveAsync(IdempotencyKey key, CancellationToken ct)
    {
        var token = Guid.NewGuid().ToString("N");
        var parameters = Parameters(key, token);
        return database.WriteAsync<KeyState>(
            async tx =>
            {
                var taken = await tx.Connection!.ExecuteAsync(
                    """
                    INSERT INTO idempotency (organization_id, route, collection_id, key, token, lease_until, expires_at)
                    SELECT id, @Route, @CollectionId, @Key, @token, @now + @lease, @expires FROM organization WHERE id = @OrganizationId AND deleted_at IS NULL
                    ON CONFLICT (organization_id, route, collection_id, key) DO UPDATE
                    SET token = excluded.token, lease_until = excluded.lease_until, expires_at = excluded.expires_at,
                      fingerprint = NULL, job_id = NULL, total = NULL
                    WHERE idempotency.expires_at <= @wall OR (idempotency.job_id IS NULL AND idempotency.lease_until <= @now)
                    """,
                    parameters,
                    tx);
                if (taken == 1) return new KeyState.Reserved(token);

                var (fingerprint, jobId, total) = await tx.Connection!.QuerySingleOrDefaultAsync<(string?, string?, long?)?>(
                    $"SELECT fingerprint, job_id, total FROM idempotency WHERE {Same}", parameters, tx) ?? throw new OrganizationGoneException();
                return jobId is null ? new KeyState.InUse() : new KeyState.Used(fingerprint!, jobId, (int)total!.Value);
            },
            ct);
    }

    public Task RenewAsync(IdempotencyKey key, string token, CancellationToken ct) => database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            $"UPDATE idempotency SET lease_until = @now + @lease WHERE {Same} AND token = @token AND job_id IS NULL", Parameters(key, token), tx),
        ct);

    /// <summary>A request that was refused or broke off leaves its key free.</summary>
    public Task ReleaseAsync(IdempotencyKey key, string token, CancellationToken ct) => database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync($"DELETE FROM idempotency WHERE {Same} AND token = @token AND job_id IS NULL", Parameters(key, token), tx), ct);

    /// <summary>Within the transaction that creates the job; false when the reservation was lost, so that nothing may be committed.</summary>
    public async Task<bool> FillAsync(DbTransaction tx, IdempotencyKey key, string token, BatchSubmission batch) => await tx.Connection!.ExecuteAsync(
        $"""
        UPDATE idempotency SET fingerprint = @Fingerprint, job_id = @JobId, total = @total, expires_at = @expires
        WHERE {Same} AND token = @token AND job_id IS NULL
        """,
        new
        {
            key.OrganizationId,
            key.Route,
            key.CollectionId,
            key.Key,
            token,
            batch.Fingerprint,
            batch.JobId,
            total = batch.Items.Count,
            expires = time.Now() + (long)Kept.TotalMilliseconds,
        },
        tx) == 1;

    /// <summary>At boot, under the lock of the data folder: whoever was receiving is gone.</summary>
    public Task ReleaseAllAsync(CancellationToken ct) => database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync("DELETE FROM idempotency WHERE job_id IS NULL", null, tx), ct);

    public Task PurgeAsync(CancellationToken ct) => database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync("DELETE FROM idempotency WHERE expires_at <= @wall", new { wall = time.Now() }, tx), ct);

    private object Parameters(IdempotencyKey key, string token) => new
    {
        key.OrganizationId,
        key.Route,
        key.CollectionId,
        key.Key,
        token,
        now = clock.Now,
        lease = (long)Lease.TotalMilliseconds,
        wall = time.Now(),
        expires = time.Now() + (long)Kept.TotalMilliseconds,
    };
}
