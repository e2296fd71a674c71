using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Storage;

/// <summary>
/// The bytes of images that an organization may have stored. What is committed is counted in its row, by triggers; what is being received
/// is counted here.
/// </summary>
internal sealed class StorageQuota(Database database, IOptions<LimitOptions> options)
{
    private const int RetryAfterSeconds = 60;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _inFlight = new(StringComparer.Ordinal);

    public static Problem Exceeded(long limit) => new(
        ErrorCodes.QuotaExceeded,
        "The organization has as many bytes of images stored as it may. Images of unfinished jobs go as they are enrolled; those of failed items when their job expires or the person is erased; those that a collection keeps with their faces.")
    {
        Details = new JsonObject { ["limit_bytes"] = limit },
        RetryAfterSeconds = RetryAfterSeconds,
    };

    /// <summary>Null when the bytes are the upload's, until it gives them back; else the limit that they would exceed.</summary>
    public async Task<long?> TakeAsync(string organizationId, long bytes, CancellationToken ct)
    {
        // In flight first, committed second: an upload is counted in flight until after its commit, so one of the two has it.
        var inFlight = Add(organizationId, bytes);
        var isTaken = false;
        try
        {
            var (stored, limit) = await database.ReadAsync(
                tx => tx.Connection!.QuerySingleOrDefaultAsync<(long, long)?>(
                    "SELECT stored_bytes, COALESCE(stored_bytes_limit, @limit) FROM organization WHERE id = @organizationId AND deleted_at IS NULL",
                    new { organizationId, limit = options.Value.StoredBytes == 0 ? long.MaxValue : options.Value.StoredBytes },
                    tx),
                ct) ?? throw new OrganizationGoneException();
            isTaken = stored <= limit - inFlight;
            return isTaken ? null : limit;
        }
        finally
        {
            if (!isTaken) GiveBack(organizationId, bytes);
        }
    }

    /// <summary>They are committed or given up.</summary>
    public void GiveBack(string organizationId, long bytes) => Add(organizationId, -bytes);

    private long Add(string organizationId, long bytes)
    {
        lock (_lock)
        {
            var sum = CollectionsMarshal.GetValueRefOrAddDefault(_inFlight, organizationId, out _) += bytes;
            if (sum == 0) _inFlight.Remove(organizationId);
            return sum;
        }
    }
}
