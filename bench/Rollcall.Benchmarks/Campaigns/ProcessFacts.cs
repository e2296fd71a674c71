using System.Diagnostics;
using System.Globalization;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>What the kernel knows of a process and does to it.</summary>
internal static class ProcessFacts
{
    /// <summary>The largest resident set so far, in bytes: the high-water mark that the kernel keeps, so nothing between two looks is missed. 0 when it has ended.</summary>
    public static long PeakBytes(this Process process)
    {
        try
        {
            var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/status")).FirstOrDefault(one => one.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException) when (process.HasExited)
        {
            return 0;
        }
    }

    public static async Task SignalAsync(this Process process, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
