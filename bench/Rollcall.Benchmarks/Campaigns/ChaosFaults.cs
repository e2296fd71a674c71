namespace Rollcall.Benchmarks.Campaigns;

/// <summary>Something that happens to a server, and goes by.</summary>
/// <param name="Holds">Whether it lasts; else it is over at once.</param>
/// <param name="StopsStarts">Whether a server may refuse to start meanwhile.</param>
internal sealed record Fault(string Name, bool Holds, bool StopsStarts, Func<Task> BeginAsync, Func<Task> EndAsync);

/// <summary>What can be done to a server on this machine. Two of them take the right to mount, one takes libfaketime.</summary>
internal sealed class ChaosFaults : IDisposable
{
    private const int DiskMegabytes = 256;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan BusyLimit = TimeSpan.FromSeconds(20);

    private readonly SmallDisk? _disk;
    private readonly FakeClock? _clock;
    private readonly string? _blobs;
    private readonly List<string> _missing = [];

    /// <param name="folder">Where the clock's file lies, and the data, if not on a small disk.</param>
    public ChaosFaults(string folder)
    {
        _disk = SmallDisk.TryMount(DiskMegabytes);
        Data = Directory.CreateDirectory(Path.Combine(_disk?.Path ?? folder, "data")).FullName;
        if (_disk is null) _missing.Add("a full disk: needs the right to mount (root on Linux)");

        var blobs = Directory.CreateDirectory(Path.Combine(Data, "blobs")).FullName;
        if (_disk?.TryBind(blobs) == true) _blobs = blobs;
        else _missing.Add("a read-only blob folder: needs the right to mount (root on Linux)");

        _clock = FakeClock.TryFind(Path.Combine(folder, "clock"));
        if (_clock is null) _missing.Add("a clock that jumps: needs libfaketime (package faketime)");
    }

    public string Data { get; }

    /// <summary>What cannot be done here, and what it would take.</summary>
    public IReadOnlyList<string> Missing => _missing;

    public IReadOnlyDictionary<string, string> Variables => _clock?.Variables ?? new Dictionary<string, string>();

    public IReadOnlyList<Fault> Of(Supervisor server)
    {
        var faults = new List<Fault> { new("SIGKILL", Holds: false, StopsStarts: false, server.KillAsync, () => Task.CompletedTask), Pause(server) };
        if (_disk is not null) faults.Add(new("the disk full", Holds: true, StopsStarts: true, () => Task.Run(_disk.Fill), () => Task.Run(_disk.Empty)));
        if (_blobs is not null) faults.Add(new("the blobs read-only", Holds: true, StopsStarts: true, () => SetReadOnlyAsync(true), () => SetReadOnlyAsync(false)));
        if (_clock is not null)
        {
            faults.Add(Jump("the clock an hour ahead", Hour));
            faults.Add(Jump("the clock an hour behind", -Hour));
        }

        return faults;
    }

    public void Dispose() => _disk?.Dispose();

    private static Fault Pause(Supervisor server)
    {
        ServerProcess? paused = null;
        return new(
            "SIGSTOP",
            Holds: true,
            StopsStarts: false,
            async () =>
            {
                paused = server.Current;
                if (paused is { HasEnded: false }) await paused.SignalAsync("STOP");
            },
            async () =>
            {
                if (paused is { HasEnded: false }) await paused.SignalAsync("CONT");
            });
    }

    private Fault Jump(string name, TimeSpan ahead) => new(name, Holds: true, StopsStarts: false, () => SetClockAsync(ahead), () => SetClockAsync(TimeSpan.Zero));

    private async Task SetClockAsync(TimeSpan ahead)
    {
        _clock!.Set(ahead);
        await Task.Delay(FakeClock.SeenWithin, TimeProvider.System);
    }

    private async Task SetReadOnlyAsync(bool isReadOnly)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!SmallDisk.TrySetReadOnly(_blobs!, isReadOnly))
        {
            if (TimeProvider.System.GetElapsedTime(start) > BusyLimit) throw new InvalidOperationException("The blob folder was being written to all the while.");
            await Task.Delay(BusyPause, TimeProvider.System);
        }
    }
}
