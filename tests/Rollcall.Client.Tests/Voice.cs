using System.Text;
using System.Threading.Channels;

namespace Rollcall.Client.Tests;

/// <summary>A body that comes as the test says it, and then nothing, until it breaks.</summary>
internal sealed class Voice : Stream
{
    private readonly Channel<byte[]> _said = Channel.CreateUnbounded<byte[]>();
    private readonly SemaphoreSlim _asked = new(0);
    private byte[] _rest = [];

    public Voice(string text) => _said.Writer.TryWrite(Encoding.UTF8.GetBytes(text));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Returns when somebody waits for what comes next, and there is nothing.</summary>
    public Task ReadOnceAsync() => _asked.WaitAsync(TestContext.Current.CancellationToken);

    /// <summary>Returns when it has been heard, and more is waited for.</summary>
    public async Task SayAsync(string text)
    {
        _said.Writer.TryWrite(Encoding.UTF8.GetBytes(text));
        await ReadOnceAsync();
    }

    public void Break() => _said.Writer.Complete(new IOException("The line broke."));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest.Length == 0)
        {
            if (!_said.Reader.TryRead(out var said))
            {
                _asked.Release();
                try
                {
                    said = await _said.Reader.ReadAsync(cancellationToken);
                }
                catch (ChannelClosedException closed)
                {
                    throw closed.InnerException!;
                }
            }

            _rest = said;
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest.AsMemory(0, count).CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _asked.Dispose();
        base.Dispose(disposing);
    }
}
