using System.Diagnostics;
using System.Globalization;

namespace Rollcall.Benchmarks.Hostile;

/// <summary>What came of the pictures of a run. A complaint names the picture by its number.</summary>
internal sealed class PictureReport
{
    public SortedDictionary<string, SortedDictionary<string, int>> Outcomes { get; } = new(StringComparer.Ordinal);

    public (double Milliseconds, int Number) Slowest { get; set; }

    public long PeakBytes { get; set; }

    public int Done { get; set; }

    public List<string> Complaints { get; } = [];
}

/// <summary>
/// Mutated photographs through decoding and detection, in child processes: one that dies, hangs or takes too much memory is known by the
/// picture that it did not finish, and another child goes on behind it.
/// </summary>
internal sealed class PictureCampaign(string pack, int seed)
{
    public const string Thrown = "THROWN";

    /// <summary>Native memory included: what the server is held to with all that it does at once.</summary>
    public const long MemoryLimit = 1_000_000_000;

    /// <summary>Of the managed heap alone; a child that meets it throws.</summary>
    private const string HeapLimit = "0x20000000";

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(100);

    private readonly PictureReport _report = new();
    private readonly Lock _lock = new();

    /// <param name="first">The number of the first picture: a long run can be done in parts.</param>
    public async Task<PictureReport> RunAsync(int first, int count, int children)
    {
        await Task.WhenAll(Enumerable.Range(first, children).Select(number => WorkThroughAsync(new PictureShare(seed, number, first + count, children))));
        return _report;
    }

    private async Task WorkThroughAsync(PictureShare share)
    {
        while (share.First < share.End)
        {
            var next = await RunChildAsync(share);
            share = share with { First = next };
        }
    }

    /// <summary>Returns the number to go on with.</summary>
    private async Task<int> RunChildAsync(PictureShare share)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(PictureCampaign).Assembly.Location, "images", "--pack", pack, .. share.ToArguments()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        using var child = Process.Start(start)!;
        using var watching = new CancellationTokenSource();
        var errors = child.StandardError.ReadToEndAsync(CancellationToken.None);
        var isTooLarge = WatchMemoryAsync(child, watching.Token);
        var next = share.First;
        var (limit, isReady) = (StartLimit, false);
        try
        {
            while (true)
            {
                var line = await child.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(limit, TimeProvider.System);
                if (line is null) break;
                if (line == PictureChild.Ready)
                {
                    (limit, isReady) = (TimeLimit, true);
                    continue;
                }

                Take(line);
                next += share.Step;
            }
        }
        catch (TimeoutException)
        {
            child.Kill();
            Complain(next, $"hung: no answer within {limit.TotalSeconds} s");
            return next + share.Step;
        }
        finally
        {
            await watching.CancelAsync();
        }

        await child.WaitForExitAsync();
        if (next >= share.End && child.ExitCode == 0) return next;
        var why = await isTooLarge ? $"took more than {MemoryLimit} bytes" : $"ended the process with {child.ExitCode}: {await errors}";
        if (!isReady) throw new InvalidOperationException($"The child could not begin: {await errors}");
        Complain(next, why);
        return next + share.Step;
    }

    private static async Task<bool> WatchMemoryAsync(Process child, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(WatchPeriod, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
            {
                child.Refresh();
                if (child.HasExited || child.WorkingSet64 <= MemoryLimit) continue;
                child.Kill();
                return true;
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }
        catch (InvalidOperationException)
        {
            // It has ended in this very moment.
        }

        return false;
    }

    private void Take(string line)
    {
        var parts = line.Split('\t');
        var number = int.Parse(parts[0], CultureInfo.InvariantCulture);
        var took = double.Parse(parts[3], CultureInfo.InvariantCulture);
        lock (_lock)
        {
            var outcome = parts[2].StartsWith(Thrown, StringComparison.Ordinal) ? Thrown : parts[2];
            var row = _report.Outcomes.TryGetValue(parts[1], out var known) ? known : _report.Outcomes[parts[1]] = new(StringComparer.Ordinal);
            row[outcome] = row.GetValueOrDefault(outcome) + 1;
            _report.Done++;
            if (took > _report.Slowest.Milliseconds) _report.Slowest = (took, number);
            _report.PeakBytes = Math.Max(_report.PeakBytes, long.Parse(parts[4], CultureInfo.InvariantCulture) * 1024);
            if (outcome == Thrown) _report.Complaints.Add($"picture {number}: {parts[2]}");
        }
    }

    private void Complain(int number, string what)
    {
        lock (_lock) _report.Complaints.Add($"picture {number}: {what}");
    }
}
