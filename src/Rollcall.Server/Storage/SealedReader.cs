using System.Buffers;

namespace Rollcall.Server.Storage;

/// <summary>An encrypted image as it was, chunk by chunk: what does not open with its key is an exception and never bytes.</summary>
internal sealed class SealedReader : Stream
{
    private readonly FileStream _file;
    private readonly SealedBlob _blob;
    private readonly byte[] _plain = ArrayPool<byte>.Shared.Rent(SealedBlob.ChunkBytes);
    private readonly byte[] _sealed = ArrayPool<byte>.Shared.Rent(SealedBlob.SealedBytes);
    private int _at;
    private int _held;
    private bool _ended;

    /// <summary>The file is the reader's from here on.</summary>
    public SealedReader(FileStream file, BlobKeys keys, string name)
    {
        _file = file;
        try
        {
            _blob = SealedBlob.Open(file, keys, name);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

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
        if (IsChunkDue) Unseal(await _file.ReadAtLeastAsync(_sealed.AsMemory(0, SealedBlob.SealedBytes), SealedBlob.SealedBytes, throwOnEndOfStream: false, cancellationToken));
        return Take(buffer.Span);
    }

    public override int Read(Span<byte> buffer)
    {
        if (IsChunkDue) Unseal(_file.ReadAtLeast(_sealed.AsSpan(0, SealedBlob.SealedBytes), SealedBlob.SealedBytes, throwOnEndOfStream: false));
        return Take(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _held >= 0)
        {
            _held = -1;
            ArrayPool<byte>.Shared.Return(_plain, clearArray: true);
            ArrayPool<byte>.Shared.Return(_sealed);
            _blob.Dispose();
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool IsChunkDue => _at == _held && !_ended;

    private void Unseal(int read)
    {
        _ended = _file.Position == _file.Length;
        (_at, _held) = (0, _blob.Unseal(_sealed.AsSpan(0, read), _plain, _ended));
    }

    private int Take(Span<byte> buffer)
    {
        var taken = Math.Min(buffer.Length, _held - _at);
        _plain.AsSpan(_at, taken).CopyTo(buffer);
        _at += taken;
        return taken;
    }
}
