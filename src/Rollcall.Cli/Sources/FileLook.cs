using System.Globalization;

namespace Rollcall.Cli.Sources;

/// <summary>What a file looks like from outside.</summary>
/// <param name="Seen">Its size and time, which tell whether it has changed.</param>
/// <param name="Length">Its bytes; 0 also for what is no file and might never end.</param>
internal sealed record FileLook(string Seen, long Length)
{
    /// <summary>A link is looked through.</summary>
    public static FileLook? At(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) file = target;
        return file.Exists ? new(string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}"), file.Length) : null;
    }
}
