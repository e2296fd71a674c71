using System.IO.Compression;

namespace Rollcall.Cli.Sources;

/// <summary>
/// The photographs of an archive. An archive is read by one at a time, so an entry is taken into memory, which is bounded: a larger one than
/// the server takes is refused before it is unpacked, whatever the archive says of its size.
/// </summary>
internal sealed class ZipSource(string path, ExternalIdRule rule) : PhotographSource
{
    private static readonly Refusal Twice = new(Refusal.FileNotReadable, "The archive has an entry of this name before.");

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ZipArchive _archive = Open(path);

    public override string Name => path;

    public override string PathOf(string location) => $"{path}!{location}";

    public override IEnumerable<Photograph> Photographs()
    {
        PassedOver = 0;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in _archive.Entries)
        {
            if (entry.FullName.EndsWith('/') || entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)) continue;

            // Some Windows programs write '\', which the format does not allow.
            if (PictureNames.Judge(entry.FullName, entry.FullName.Replace('\\', '/'), entry.Length, rule) is { } photograph)
                yield return names.Add(entry.FullName) ? photograph : photograph with { Refusal = Twice };
            else
                PassedOver++;
        }
    }

    /// <summary>Whether the archive has changed is asked of the whole of it.</summary>
    public override FileLook? Look(string location) => _archive.GetEntry(location) is { } entry ? new(entry.Length, null) : null;

    public override async ValueTask<Stream> OpenAsync(string location, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var entry = _archive.GetEntry(location) ?? throw new FileNotFoundException($"{path} has no entry '{location}' any more.");
            await using var content = await entry.OpenAsync(cancellationToken);
            var image = new MemoryStream();
            var buffer = new byte[64 * 1024];
            while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                image.Write(buffer, 0, count);
                if (image.Length > Photograph.LargestImage) throw new InvalidDataException($"'{location}' unpacks to more than 10 MB.");
            }

            image.Position = 0;
            return image;
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
        {
            throw new IOException(exception.Message, exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _archive.Dispose();
            _turn.Dispose();
        }

        base.Dispose(disposing);
    }

    private static ZipArchive Open(string path)
    {
        try
        {
            var archive = ZipFile.OpenRead(path);

            // What is broken in its directory is told now.
            _ = archive.Entries.Count;
            return archive;
        }
        catch (InvalidDataException exception)
        {
            throw new CommandException(ExitCode.Usage, $"'{path}' is no ZIP archive, or a broken one: {exception.Message}", exception);
        }
    }
}
