using System.Net;

namespace Rollcall.Client;

/// <summary>The part of a form that is an image: opened when its turn comes, copied through, closed.</summary>
internal sealed class ImageContent(ImageFile image) : HttpContent
{
    private const int CopyBuffer = 64 * 1024;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var source = await image.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            await source.CopyToAsync(stream, CopyBuffer, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = image.Length ?? 0;
        return image.Length is not null;
    }
}
