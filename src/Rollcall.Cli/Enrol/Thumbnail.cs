using Rollcall.Cli.Sources;
using SkiaSharp;

namespace Rollcall.Cli.Enrol;

/// <summary>A small JPEG of a photograph, upright. Nothing for what is too large or is no picture: the header is looked at before the pixels.</summary>
internal static class Thumbnail
{
    private const int Side = 112;
    private const long MostBytes = 32L * 1024 * 1024;
    private const long MostPixels = 40_000_000;

    public static async Task<byte[]?> OfAsync(PhotographSource source, string location, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await source.OpenAsync(location, cancellationToken);
            if (stream.Length > MostBytes) return null;
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, cancellationToken);
            return Shrink(bytes.ToArray());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static byte[]? Shrink(byte[] file)
    {
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data);
        if (codec is null || (long)codec.Info.Width * codec.Info.Height is 0 or > MostPixels) return null;

        var scale = Math.Min(1f, (float)Side / Math.Max(codec.Info.Width, codec.Info.Height));
        var size = codec.GetScaledDimensions(scale);
        using var pixels = new SKBitmap(new SKImageInfo(size.Width, size.Height));
        if (codec.GetPixels(pixels.Info, pixels.GetPixels()) is not (SKCodecResult.Success or SKCodecResult.IncompleteInput)) return null;

        var share = Math.Min(1f, (float)Side / Math.Max(size.Width, size.Height));
        var (turned, matrix) = Upright(codec.EncodedOrigin, size.Width * share, size.Height * share);
        using var surface = SKSurface.Create(new SKImageInfo(Math.Max(1, (int)turned.Width), Math.Max(1, (int)turned.Height)));
        surface.Canvas.Clear(SKColors.White);
        surface.Canvas.SetMatrix(matrix.PreConcat(SKMatrix.CreateScale(share, share)));
        using var image = SKImage.FromBitmap(pixels);
        surface.Canvas.DrawImage(image, 0, 0, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        using var small = surface.Snapshot();
        using var encoded = small.Encode(SKEncodedImageFormat.Jpeg, 70);
        return encoded.ToArray();
    }

    /// <summary>The size after EXIF orientation and what turns a picture of width × height into it.</summary>
    private static (SKSize Size, SKMatrix Matrix) Upright(SKEncodedOrigin origin, float width, float height) => origin switch
    {
        SKEncodedOrigin.TopRight => (new(width, height), new(-1, 0, width, 0, 1, 0, 0, 0, 1)),
        SKEncodedOrigin.BottomRight => (new(width, height), new(-1, 0, width, 0, -1, height, 0, 0, 1)),
        SKEncodedOrigin.BottomLeft => (new(width, height), new(1, 0, 0, 0, -1, height, 0, 0, 1)),
        SKEncodedOrigin.LeftTop => (new(height, width), new(0, 1, 0, 1, 0, 0, 0, 0, 1)),
        SKEncodedOrigin.RightTop => (new(height, width), new(0, -1, height, 1, 0, 0, 0, 0, 1)),
        SKEncodedOrigin.RightBottom => (new(height, width), new(0, -1, height, -1, 0, width, 0, 0, 1)),
        SKEncodedOrigin.LeftBottom => (new(height, width), new(0, 1, 0, -1, 0, width, 0, 0, 1)),
        _ => (new(width, height), SKMatrix.Identity),
    };
}
