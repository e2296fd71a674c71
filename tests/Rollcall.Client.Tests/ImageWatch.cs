namespace Rollcall.Client.Tests;

/// <summary>Makes images that count how they are read.</summary>
internal sealed class ImageWatch
{
    public int Opened { get; private set; }

    public int Open { get; private set; }

    public int MostOpen { get; private set; }

    public long Given { get; private set; }

    public BatchEntry[] Entries(int count, int length, bool known) =>
        [.. Enumerable.Range(0, count).Select(index => new BatchEntry($"person-{index}", Image(length, known)))];

    private ImageFile Image(int length, bool known) => new("a.jpg", _ =>
    {
        Opened++;
        MostOpen = Math.Max(MostOpen, ++Open);
        return ValueTask.FromResult<Stream>(new Watched(this, length));
    })
    {
        Length = known ? length : null,
    };

    private sealed class Watched(ImageWatch watch, int length) : Stream
    {
        private int _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = Math.Min(_left, buffer.Length);
            buffer[..count].Fill(7);
            _left -= count;
            watch.Given += count;
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            watch.Open--;
            base.Dispose(disposing);
        }
    }
}
