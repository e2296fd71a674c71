using System.IO.Enumeration;

namespace Rollcall.Cli.Sources;

/// <summary>Every photograph in a folder and the folders in it. Links to folders are not followed: they may lead round in a circle.</summary>
internal sealed class FolderSource(string folder, ExternalIdRule rule) : PhotographSource
{
    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.System,
        IgnoreInaccessible = false,
    };

    public override string Name => folder;

    public override IEnumerable<Photograph> Photographs()
    {
        PassedOver = 0;
        var files = new FileSystemEnumerable<(string Path, long Length)>(folder, (ref FileSystemEntry entry) => (entry.ToFullPath(), entry.Length), Everything)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) =>
                !entry.Attributes.HasFlag(FileAttributes.ReparsePoint) && !entry.FileName.StartsWith(".", StringComparison.Ordinal),
        };
        foreach (var (path, length) in files)
        {
            var relative = Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
            if (PictureNames.Judge(path, relative, length, rule) is { } photograph)
                yield return photograph;
            else
                PassedOver++;
        }
    }

    public override ValueTask<Stream> OpenAsync(string location, CancellationToken cancellationToken) => ValueTask.FromResult(OpenFile(location));
}
