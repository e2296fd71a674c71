namespace Rollcall.Server.Hosting;

/// <summary>One request as it was counted, or refused.</summary>
internal readonly record struct RateTicket(string Holder, RateWindow Window, bool IsGranted);

/// <summary>What a holder has used since its window opened.</summary>
internal sealed class RateWindow(long opened)
{
    public long Opened { get; } = opened;

    public int Used { get; set; }
}

/// <summary>
/// Counts requests in windows of a minute. A holder's window opens with its first request, so the n-th request within a minute is
/// refused or granted exactly, and a window that is over is as good as none: the table forgets it.
/// </summary>
internal sealed class RateWindows(int limit, TimeProvider time)
{
    public const int Seconds = 60;

    // Addresses are the caller's to choose. Beyond so many in one minute those that come new share a window.
    public const int MostHolders = 50_000;
    private const string Crowd = "";

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(Seconds);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, RateWindow> _windows = new(StringComparer.Ordinal);
    private long _swept = time.GetTimestamp();

    public int Limit => limit;

    /// <summary>How many windows are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _windows.Count;
        }
    }

    public RateTicket Take(string holder)
    {
        lock (_lock)
        {
            Sweep();
            if (!_windows.ContainsKey(holder) && _windows.Count >= MostHolders) holder = Crowd;
            if (Open(holder) is not { } window) _windows[holder] = window = new RateWindow(time.GetTimestamp());

            var isGranted = window.Used < limit;
            if (isGranted) window.Used++;
            return new RateTicket(holder, window, isGranted);
        }
    }

    /// <summary>The request cost nothing after all.</summary>
    public void GiveBack(RateTicket ticket)
    {
        lock (_lock) ticket.Window.Used--;
    }

    /// <summary>What the holder has left now, and the whole seconds until it has everything again.</summary>
    public (int Remaining, int Seconds) StateOf(RateTicket ticket)
    {
        lock (_lock)
        {
            if (Open(ticket.Holder) is not { } window) return (limit, 0);
            var left = Length - time.GetElapsedTime(window.Opened);
            return (limit - window.Used, (int)Math.Ceiling(left.TotalSeconds));
        }
    }

    private RateWindow? Open(string holder) => _windows.TryGetValue(holder, out var window) && !IsOver(window) ? window : null;

    private bool IsOver(RateWindow window) => time.GetElapsedTime(window.Opened) >= Length;

    private void Sweep()
    {
        if (time.GetElapsedTime(_swept) < Length) return;
        _swept = time.GetTimestamp();
        foreach (var (holder, window) in _windows)
            if (IsOver(window)) _windows.Remove(holder);
    }
}
