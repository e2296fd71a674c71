using System.IO.Enumeration;

namespace Rollcall.Cli.Sources;

/// <summary>
/// Every photograph in a folder and the folders in it, through links as well. A link to a folder that it lies in leads round in a circle, and is
/// passed by.
/// </summary>
internal sealed class FolderSource(string folder, ExternalIdRule rule) : PhotographSource
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.System, IgnoreInaccessible = false };

    public override string Name => folder;

    /// <summary>Whether a link that leads nowhere ends it: what is behind may be a folder of photographs that is not mounted.</summary>
    public bool MustSeeAll { get; init; }

    public override IEnumerable<Photograph> Photographs()
    {
        PassedOver = 0;
        return In(folder, [RealPath(folder)]);
    }

    public override ValueTask<Stream> OpenAsync(string location, CancellationToken cancellationToken) => ValueTask.FromResult(OpenFile(location));

    /// <summary>A path without links in any part of it.</summary>
    public static string RealPath(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path));
        return Path.GetDirectoryName(full) is { } parent ? Path.Combine(RealPath(parent), Path.GetFileName(full)) : full;
    }

    /// <param name="inner">The folder to look into.</param>
    /// <param name="above">The real paths of that folder and of those that led to it.</param>
    private IEnumerable<Photograph> In(string inner, List<string> above)
    {
        var entries = new FileSystemEnumerable<Entry>(
            inner,
            (ref FileSystemEntry entry) => new(entry.ToFullPath(), entry.Length, entry.IsDirectory, entry.Attributes.HasFlag(FileAttributes.ReparsePoint)),
            Everything);
        foreach (var entry in entries)
        {
            if (entry.IsFolder)
            {
                foreach (var photograph in Below(entry, above))
                {
                    yield return photograph;
                }
            }
            else if (Judge(entry) is { } photograph)
            {
                yield return photograph;
            }
            else
            {
                PassedOver++;
            }
        }
    }

    private IEnumerable<Photograph> Below(Entry entry, List<string> above)
    {
        var name = Path.GetFileName(entry.Path);
        if (name.StartsWith('.')) return [];
        var real = entry.IsLink ? RealPath(entry.Path) : Path.Combine(above[^1], name);
        return above.Contains(real) ? [] : In(entry.Path, [.. above, real]);
    }

    private Photograph? Judge(Entry entry)
    {
        var target = entry.IsLink ? File.ResolveLinkTarget(entry.Path, returnFinalTarget: true) as FileInfo : null;
        var length = target is { Exists: true } ? target.Length : entry.Length;
        var relative = Path.GetRelativePath(folder, entry.Path).Replace(Path.DirectorySeparatorChar, '/');
        var photograph = PictureNames.Judge(entry.Path, relative, length, rule);
        if (MustSeeAll && photograph is null && target is { Exists: false } && !Path.GetFileName(entry.Path).StartsWith('.'))
            throw CommandException.Usage($"'{entry.Path}' is a link that leads nowhere: what is behind it cannot be seen. Nothing was changed.");
        return photograph;
    }

    private readonly record struct Entry(string Path, long Length, bool IsFolder, bool IsLink);
}
