using System.Globalization;

namespace Rollcall.Cli.Sources;

/// <summary>What a file looks like from outside.</summary>
/// <param name="Length">Its bytes; 0 also for what is no file and might never end.</param>
/// <param name="Changed">When it was last changed, in ticks; null for what cannot change by itself.</param>
internal sealed record FileLook(long Length, long? Changed)
{
    /// <summary>What tells whether it has changed.</summary>
    public string Seen => Changed is { } ticks ? string.Create(CultureInfo.InvariantCulture, $"{Length} {ticks}") : "";

    /// <summary>A link is looked through: it is itself as old as ever when what it leads to changes.</summary>
    public static FileLook? At(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) file = target;
        return file.Exists ? new(file.Length, file.LastWriteTimeUtc.Ticks) : null;
    }
}
