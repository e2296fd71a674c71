namespace Rollcall.Server.Hosting;

/// <summary>The caller's connection, not the store, broke while a body was read.</summary>
internal sealed class BrokenUploadException(Exception inner) : Exception("The upload broke off.", inner)
{
    /// <summary>A body that ended early or is no multipart; not one that was refused for its size, which has an answer of its own.</summary>
    public static bool Is(Exception e) => e is BrokenUploadException
        || (e is IOException and not BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge });
}

/// <summary>A part's content, whose failures are the caller's: behind it a failing disk would look the same as a lost connection.</summary>
internal sealed class UploadStream(Stream inner) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (BrokenUploadException.Is(e))
        {
            throw new BrokenUploadException(e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
