using System.Globalization;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>A wall clock of a child process that can be set while it runs, by libfaketime; its monotonic clock goes on as it is, as it does when a machine's clock is set.</summary>
internal sealed class FakeClock
{
    private const string Library = "libfaketimeMT.so.1";

    /// <summary>How old what the child knows of the setting is at most.</summary>
    public static readonly TimeSpan SeenWithin = TimeSpan.FromSeconds(1);

    private readonly string _file;

    private FakeClock(string library, string file)
    {
        _file = file;
        Variables = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = library,
            ["FAKETIME_TIMESTAMP_FILE"] = file,
            ["FAKETIME_CACHE_DURATION"] = SeenWithin.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        };
        Set(TimeSpan.Zero);
    }

    /// <summary>What the child is started with.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>Null where the library is not installed.</summary>
    public static FakeClock? TryFind(string file)
    {
        if (!OperatingSystem.IsLinux()) return null;

        string[] roots = ["/usr/lib", "/usr/local/lib"];
        var library = roots.Where(Directory.Exists).SelectMany(root => Directory.EnumerateDirectories(root).Prepend(root))
            .SelectMany(folder => (string[])[Path.Combine(folder, Library), Path.Combine(folder, "faketime", Library)]).FirstOrDefault(File.Exists);
        return library is null ? null : new FakeClock(library, file);
    }

    /// <summary>How far it is ahead of the machine's.</summary>
    public void Set(TimeSpan ahead)
    {
        // In one step: the child may read it at any moment.
        File.WriteAllText(_file + ".new", $"{(ahead < TimeSpan.Zero ? '-' : '+')}{Math.Abs((long)ahead.TotalSeconds)}");
        File.Move(_file + ".new", _file, overwrite: true);
    }
}
