using System.Net;

namespace Rollcall.Client.Tests;

/// <summary>Drinks an upload without keeping it and remembers by how much the reading of images was ever ahead of it.</summary>
internal sealed class ThirstyServer(ImageWatch watch) : HttpMessageHandler
{
    public long MostAhead { get; private set; }

    public RollcallClient Client() => new(new HttpClient(this) { BaseAddress = new Uri("http://rollcall.example") });

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await request.Content!.CopyToAsync(new Throat(this, watch), cancellationToken);
        return new HttpResponseMessage(HttpStatusCode.Accepted)
        {
            Content = new StringContent($$"""{"success": true, "data": {{Samples.Accepted}}}"""),
        };
    }

    private sealed class Throat(ThirstyServer server, ImageWatch watch) : Stream
    {
        private long _taken;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _taken;

        public override long Position { get => _taken; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Take(count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Take(buffer.Length);
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private void Take(int count)
        {
            server.MostAhead = Math.Max(server.MostAhead, watch.Given - _taken);
            _taken += count;
        }
    }
}
