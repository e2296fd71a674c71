using System.Net;

namespace Rollcall.Server.Tests;

/// <summary>A part of a body that is sent when the test says so: the number 0.</summary>
internal sealed class HeldContent(Task release) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        await release;
        await stream.WriteAsync("0"u8.ToArray());
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 1;
        return true;
    }
}
