using System.Buffers;

namespace Rollcall.Server.Storage;

/// <summary>Encrypts an image while it flows into its file; a chunk of it is held in memory.</summary>
internal sealed class SealedWriter : IDisposable
{
    private readonly Stream _file;
    private readonly SealedBlob _blob;
    private readonly byte[] _plain = ArrayPool<byte>.Shared.Rent(SealedBlob.ChunkBytes);
    private readonly byte[] _sealed = ArrayPool<byte>.Shared.Rent(SealedBlob.SealedBytes);
    private int _held;

    private SealedWriter(Stream file, SealedBlob blob) => (_file, _blob) = (file, blob);

    public static async Task<SealedWriter> BeginAsync(Stream file, BlobKey key, string name, CancellationToken ct)
    {
        var blob = SealedBlob.New(key, name);
        await file.WriteAsync(blob.Header, ct);
        return new SealedWriter(file, blob);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        while (bytes.Length > 0)
        {
            // A full chunk waits for what follows: only then is it not the last.
            if (_held == SealedBlob.ChunkBytes) await SealAsync(isLast: false, ct);
            var taken = Math.Min(bytes.Length, SealedBlob.ChunkBytes - _held);
            bytes[..taken].CopyTo(_plain.AsMemory(_held));
            (_held, bytes) = (_held + taken, bytes[taken..]);
        }
    }

    public ValueTask CompleteAsync(CancellationToken ct) => SealAsync(isLast: true, ct);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_plain, clearArray: true);
        ArrayPool<byte>.Shared.Return(_sealed);
        _blob.Dispose();
    }

    private ValueTask SealAsync(bool isLast, CancellationToken ct)
    {
        var written = _blob.Seal(_plain.AsSpan(0, _held), _sealed, isLast);
        _held = 0;
        return _file.WriteAsync(_sealed.AsMemory(0, written), ct);
    }
}
