using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Rollcall.Server.Hosting;

/// <summary>
/// The buffers of connections, wiped when they are given back. The framework's keep what came over the wire (photographs, external ids, keys, passwords)
/// until somebody writes over it, which may be never.
/// </summary>
internal sealed class WipedBuffers : IMemoryPoolFactory<byte>
{
    private const int BlockBytes = 4096; // what the server asks for
    private const int MostKept = 2048;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private readonly ConcurrentQueue<byte[]> _kept = new();
        private volatile bool _isDisposed;

        public override int MaxBufferSize => BlockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return new Block(this, _kept.TryDequeue(out var kept) ? kept : GC.AllocateArray<byte>(BlockBytes, pinned: true));
        }

        public void TakeBack(byte[] block)
        {
            block.AsSpan().Clear();
            if (!_isDisposed && _kept.Count < MostKept) _kept.Enqueue(block);
        }

        protected override void Dispose(bool disposing)
        {
            _isDisposed = true;
            _kept.Clear();
        }
    }

    private sealed class Block(Pool pool, byte[] bytes) : IMemoryOwner<byte>
    {
        private byte[]? _bytes = bytes;

        public Memory<byte> Memory => _bytes is { } held ? MemoryMarshal.CreateFromPinnedArray(held, 0, held.Length) : throw new ObjectDisposedException(nameof(Block));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is { } held) pool.TakeBack(held);
        }
    }
}
