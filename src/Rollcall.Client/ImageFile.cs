namespace Rollcall.Client;

/// <summary>An image that is opened when it is sent, and again when a request has to be sent again.</summary>
/// <param name="name">A name for people; the server goes by the content.</param>
/// <param name="open">Opens the image at its beginning; the stream is disposed of after it is sent.</param>
public sealed class ImageFile(string name, Func<CancellationToken, ValueTask<Stream>> open)
{
    private static readonly FileStreamOptions Sequential = new()
    {
        BufferSize = 0, // The copy has a buffer of its own.
        Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
    };

    private readonly Func<CancellationToken, ValueTask<Stream>> _open = open ?? throw new ArgumentNullException(nameof(open));

    /// <summary>A name for people.</summary>
    public string Name { get; } = name ?? throw new ArgumentNullException(nameof(name));

    /// <summary>
    /// The bytes that the stream will give; null when that is not known. With all of them known the upload carries its length and a server
    /// can refuse it before it is sent. A stream of another length fails the upload.
    /// </summary>
    public long? Length { get; init; }

    /// <summary>A file on disk.</summary>
    /// <param name="path">Where it is.</param>
    /// <exception cref="IOException">There is no such file.</exception>
    public static ImageFile FromPath(string path) =>
        new(Path.GetFileName(path), _ => ValueTask.FromResult<Stream>(new FileStream(path, Sequential)))
        {
            Length = new FileInfo(path).Length,
        };

    /// <summary>An image in memory.</summary>
    /// <param name="name">A name for people.</param>
    /// <param name="bytes">The image; not copied.</param>
    public static ImageFile FromBytes(string name, byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return new(name, _ => ValueTask.FromResult<Stream>(new MemoryStream(bytes, writable: false))) { Length = bytes.Length };
    }

    internal ValueTask<Stream> OpenAsync(CancellationToken cancellationToken) => _open(cancellationToken);
}
