namespace Rollcall.Cli.Sources;

/// <summary>One photograph.</summary>
internal sealed class FileSource(string path, ExternalIdRule rule) : PhotographSource
{
    public override string Name => path;

    public override IEnumerable<Photograph> Photographs()
    {
        var parent = Path.GetFileName(Path.GetDirectoryName(path));
        yield return rule.Name(path, string.IsNullOrEmpty(parent) ? Path.GetFileName(path) : $"{parent}/{Path.GetFileName(path)}");
    }

    public override ValueTask<Stream> OpenAsync(string location, CancellationToken cancellationToken) => ValueTask.FromResult(OpenFile(location));
}
