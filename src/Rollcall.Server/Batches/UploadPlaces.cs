using System.Runtime.InteropServices;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Batches;

/// <summary>
/// How many batches are received at a time: each holds a connection, a file and its buffers for as long as its sender likes, so that
/// slow senders must not come in any number, and those of one organization must not take all places.
/// </summary>
internal sealed class UploadPlaces
{
    public const int OfOne = 64;

    private const int All = 256;
    private const int RetryAfterSeconds = 5;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);
    private int _all;

    public static Problem None() => new(ErrorCodes.ServiceBusy, "Too many batches are being received: try again shortly.") { RetryAfterSeconds = RetryAfterSeconds };

    public bool TryEnter(string organizationId)
    {
        lock (_lock)
        {
            if (_all >= All || _taken.GetValueOrDefault(organizationId) >= OfOne) return false;
            CollectionsMarshal.GetValueRefOrAddDefault(_taken, organizationId, out _)++;
            _all++;
            return true;
        }
    }

    public void Leave(string organizationId)
    {
        lock (_lock)
        {
            _all--;
            if (--CollectionsMarshal.GetValueRefOrAddDefault(_taken, organizationId, out _) == 0) _taken.Remove(organizationId);
        }
    }
}
