using Rollcall.Server.Hosting;

namespace Rollcall.Server.Storage;

/// <summary>An upload has come to the end of its room; the body is read no further.</summary>
internal sealed class NoRoomException(Problem problem) : Exception(problem.Message)
{
    public Problem Problem => problem;
}

/// <summary>
/// What one upload may write: room on the disk and bytes of its organization's quota. What the request announces is asked of the quota
/// before its body is read; what a body of unknown length needs, or what is more than the quota has left, is asked for bit by bit while it
/// streams. The disk promises a window ahead of what is written: else who announces much and sends little would keep it from all others.
/// </summary>
internal sealed class UploadAllowance : IDisposable
{
    private const long Step = 1024 * 1024;
    private const long Window = 16 * 1024 * 1024;

    private readonly DiskSpace _disk;
    private readonly StorageQuota _quota;
    private readonly string _organizationId;
    private long _promised; // by the disk, and not written yet
    private long _granted; // of the quota, used ones included
    private long _used;
    private long _nextLook = Step;

    private UploadAllowance(DiskSpace disk, StorageQuota quota, string organizationId) =>
        (_disk, _quota, _organizationId) = (disk, quota, organizationId);

    /// <param name="announced">The length of the whole body; null when the request does not say.</param>
    public static async Task<Result<UploadAllowance>> OpenAsync(
        DiskSpace disk, StorageQuota quota, string organizationId, long? announced, CancellationToken ct)
    {
        var allowance = new UploadAllowance(disk, quota, organizationId);
        var isOpen = false;
        try
        {
            var bytes = announced ?? 0;

            // Not all of a body is kept: one that is longer than what is left may fit all the same, but none fits where nothing is left.
            if (bytes > 0 && await quota.TakeAsync(organizationId, bytes, ct) is null) allowance._granted = bytes;
            else if (await quota.TakeAsync(organizationId, 1, ct) is { } limit) return StorageQuota.Exceeded(limit);
            else allowance._granted = 1;

            var first = Math.Min(Window, allowance._granted);
            if (!disk.TryPromise(first, bytes)) return DiskSpace.Full();
            allowance._promised = first;
            isOpen = true;
            return allowance;
        }
        finally
        {
            if (!isOpen) allowance.Dispose();
        }
    }

    /// <summary>Before bytes are written.</summary>
    public async ValueTask TakeAsync(int bytes, CancellationToken ct)
    {
        if (_granted - _used < bytes) await GrantAsync(bytes - (_granted - _used), ct);
        if (_promised < bytes) Promise(bytes);
        _used += bytes;

        // Others fill the disk as well.
        if (_used < _nextLook) return;
        _nextLook = _used + Step;
        if (_disk.IsLow) throw new NoRoomException(DiskSpace.Full());
    }

    /// <summary>After they are written.</summary>
    public void Written(int bytes)
    {
        _promised -= bytes;
        _disk.Redeem(bytes);
    }

    /// <summary>What was written is deleted again: the quota's bytes are there for what follows.</summary>
    public void Return(long bytes) => _used -= bytes;

    /// <summary>After the commit, or when the upload is given up.</summary>
    public void Dispose()
    {
        _disk.Redeem(_promised);
        _quota.GiveBack(_organizationId, _granted);
        (_promised, _granted) = (0, 0);
    }

    private async Task GrantAsync(long missing, CancellationToken ct)
    {
        var more = Math.Max(Step, missing);
        if (await _quota.TakeAsync(_organizationId, more, ct) is { } limit)
        {
            more = missing;
            if (await _quota.TakeAsync(_organizationId, more, ct) is not null) throw new NoRoomException(StorageQuota.Exceeded(limit));
        }

        _granted += more;
    }

    private void Promise(int bytes)
    {
        var more = Math.Min(Window, _granted - _used) - _promised;
        if (!_disk.TryPromise(more))
        {
            more = bytes - _promised;
            if (!_disk.TryPromise(more)) throw new NoRoomException(DiskSpace.Full());
        }

        _promised += more;
    }
}
