namespace Rollcall.Cli.Sources;

/// <summary>Where photographs come from: told one by one, so that there may be any number, and opened when they are sent.</summary>
internal abstract class PhotographSource : IDisposable
{
    /// <summary>What is shown of it, and what tells it from another source.</summary>
    public abstract string Name { get; }

    /// <summary>Files that are no photographs and were passed over.</summary>
    public long PassedOver { get; protected set; }

    public abstract IEnumerable<Photograph> Photographs();

    /// <exception cref="IOException">It is not there any more or cannot be read.</exception>
    public abstract ValueTask<Stream> OpenAsync(string location, CancellationToken cancellationToken);

    /// <summary>What a photograph looks like without being read; null when it is not there.</summary>
    public virtual FileLook? Look(string location) => FileLook.At(location);

    /// <summary>What the list or archive looks like that names the photographs; nothing for a folder.</summary>
    public string Looks => File.Exists(Name) ? FileLook.At(Name)?.Seen ?? "" : "";

    /// <summary>Whether it is there at all, or rather has been taken away with all that is in it.</summary>
    public bool IsThere => File.Exists(Name) || (Directory.Exists(Name) && Directory.EnumerateFileSystemEntries(Name).Any());

    /// <summary>Where a person finds the photograph.</summary>
    public virtual string PathOf(string location) => location;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>The source that a path on the command line means.</summary>
    public static PhotographSource At(string path, ExternalIdRule rule)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full)) return new FolderSource(full, rule);
        if (!File.Exists(full)) throw CommandException.Usage($"There is no file or folder '{path}'.");
        return Path.GetExtension(full).ToLowerInvariant() switch
        {
            ".zip" => new ZipSource(full, rule),
            ".csv" or ".tsv" => new CsvManifest(full),
            ".jsonl" or ".ndjson" => new JsonLinesManifest(full),
            var extension when PictureNames.IsPicture(extension) => new FileSource(full, rule),
            _ => throw CommandException.Usage($"'{path}' is neither a folder, a ZIP, a manifest (.csv, .tsv, .jsonl, .ndjson) nor a JPEG, PNG or WebP picture."),
        };
    }

    private protected static Stream OpenFile(string path) => new FileStream(path, new FileStreamOptions
    {
        BufferSize = 0, // The copy has a buffer of its own.
        Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
    });
}
