using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Storage;

/// <summary>
/// The room on the disk of the data folder. A reserve is left to the database, so that accepted work can always be finished; uploads
/// share the rest, and what one of them has been promised and has not yet written is not there for another.
/// </summary>
internal sealed class DiskSpace
{
    private const long LargestReserve = 1_000_000_000;
    private const int ShareOfSmallDisk = 10;
    private const int RetryAfterSeconds = 30;

    private readonly DataFolder _folder;
    private readonly Lock _lock = new();
    private long _promised;

    public DiskSpace(DataFolder folder, IOptions<StorageOptions> options)
    {
        _folder = folder;
        Reserve = options.Value.ReserveBytes ?? Math.Min(LargestReserve, new DriveInfo(folder.Path).TotalSize / ShareOfSmallDisk);
    }

    public long Reserve { get; }

    /// <summary>Whether the reserve is being used up: nothing new begins.</summary>
    public bool IsLow => Free() < Reserve;

    public static Problem Full() => new(ErrorCodes.ServiceBusy, "The server's disk is nearly full: try again later.") { RetryAfterSeconds = RetryAfterSeconds };

    /// <summary>Room for so many bytes more than are promised already; false when they would leave less than the reserve.</summary>
    /// <param name="bytes">What is promised.</param>
    /// <param name="whole">What must fit as things stand, and is promised no further.</param>
    public bool TryPromise(long bytes, long whole = 0)
    {
        lock (_lock)
        {
            if (Free() - Reserve - _promised < Math.Max(bytes, whole)) return false;
            _promised += bytes;
            return true;
        }
    }

    /// <summary>They are written, and the disk itself tells of them now; or they will not be.</summary>
    public void Redeem(long bytes)
    {
        lock (_lock) _promised -= bytes;
    }

    /// <summary>Images may lie on a disk of their own.</summary>
    private long Free() => Math.Min(new DriveInfo(_folder.Path).AvailableFreeSpace, new DriveInfo(_folder.Blobs).AvailableFreeSpace);
}
