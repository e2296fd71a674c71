using SkiaSharp;

namespace Rollcall.Faces;

/// <summary>
/// Stage 1: a file's bytes become pixels. The format is told by content, the limits are enforced from the header before any
/// pixel is decoded, and a JPEG or WebP is scaled while it is decoded.
/// </summary>
/// <remarks>
/// How large a picture is decoded: the detector sees at most <see cref="FaceDetector.LongSide"/> pixels, but the crop for the
/// embedding is taken from the decoded picture, and a face that is 40 px for the detector should still fill the 112 px
/// of the crop. So the smallest of the eighths that libjpeg can scale to is taken whose long side is at least
/// <see cref="EnoughLongSide"/>: at least 2.5 times what the detector sees. WebP scales to any size, so to exactly that one;
/// PNG does not scale.
/// </remarks>
internal static class ImageDecoder
{
    public const int MaxBytes = 10 * 1024 * 1024;
    public const long MaxPixels = 40_000_000;
    public const int MinSide = 100;
    public const int EnoughLongSide = 1600;

    /// <summary>The picture, or why there is none.</summary>
    public static Picture? Decode(ReadOnlyMemory<byte> encoded, out FaceAnalysis.Unreadable? failure, bool fullScale = false)
    {
        failure = null;
        if (encoded.Length > MaxBytes)
        {
            failure = new(UnreadableCause.ImageTooLarge, $"The file has {encoded.Length} bytes; at most {MaxBytes} are allowed.");
            return null;
        }

        var format = ImageFile.FormatOf(encoded.Span);
        if (format == ImageFormat.Unsupported)
        {
            failure = new(UnreadableCause.UnsupportedFormat, "The file is not a JPEG, PNG or WebP picture.");
            return null;
        }

        using var pin = encoded.Pin();
        unsafe
        {
            using var data = SKData.Create((nint)pin.Pointer, encoded.Length);
            using var codec = SKCodec.Create(data);
            if (codec is null)
            {
                failure = Corrupt(format, "its header cannot be read");
                return null;
            }

            failure = CheckLimits(codec.Info);
            if (failure is null && !ImageFile.IsWhole(format, encoded.Span))
                failure = Corrupt(format, "it ends before the picture does, or its data is damaged");
            return failure is null ? DecodePixels(codec, format, fullScale, out failure) : null;
        }
    }

    private static FaceAnalysis.Unreadable? CheckLimits(SKImageInfo info)
    {
        if ((long)info.Width * info.Height > MaxPixels)
        {
            return new(UnreadableCause.ImageTooLarge,
                $"The picture has {info.Width}×{info.Height} pixels; at most {MaxPixels / 1_000_000} megapixels are allowed.");
        }

        return Math.Min(info.Width, info.Height) < MinSide
            ? new(UnreadableCause.ImageTooSmall,
                $"The picture has {info.Width}×{info.Height} pixels; at least {MinSide}×{MinSide} are needed.")
            : null;
    }

    private static unsafe Picture? DecodePixels(SKCodec codec, ImageFormat format, bool fullScale, out FaceAnalysis.Unreadable? failure)
    {
        var (width, height) = fullScale ? (codec.Info.Width, codec.Info.Height) : Scaled(codec, format);
        var opaque = codec.Info.AlphaType == SKAlphaType.Opaque;
        using var srgb = SKColorSpace.CreateSrgb();
        var info = new SKImageInfo(
            width, height, SKColorType.Rgba8888, opaque ? SKAlphaType.Opaque : SKAlphaType.Premul, srgb);
        var picture = new Picture(width, height, codec.EncodedOrigin)
        {
            Reduction = Math.Max((double)codec.Info.Width / width, (double)codec.Info.Height / height),
        };
        var result = codec.GetPixels(info, (nint)picture.Pixels, picture.Stride, SKCodecOptions.Default);
        if (result != SKCodecResult.Success)
        {
            picture.Dispose();
            failure = Corrupt(format, $"its pixels cannot be decoded ({result})");
            return null;
        }

        if (!opaque)
            LayOnWhite(new Span<byte>(picture.Pixels, picture.Stride * height));
        failure = null;
        return picture;
    }

    private static (int Width, int Height) Scaled(SKCodec codec, ImageFormat format)
    {
        var full = codec.Info.Size;
        var scale = (float)EnoughLongSide / Math.Max(full.Width, full.Height);
        // A frame of an animation is laid over others and cannot be scaled.
        if (scale >= 1 || format == ImageFormat.Png || (format == ImageFormat.WebP && codec.FrameCount > 1))
            return (full.Width, full.Height);
        var scaled = codec.GetScaledDimensions(format == ImageFormat.Jpeg ? MathF.Ceiling(scale * 8) / 8 : scale);
        return (scaled.Width, scaled.Height);
    }

    /// <summary>Premultiplied pixels over white, as a page would show them.</summary>
    private static void LayOnWhite(Span<byte> pixels)
    {
        for (var i = 0; i < pixels.Length; i += 4)
        {
            var uncovered = 255 - pixels[i + 3];
            if (uncovered == 0)
                continue;
            pixels[i] = (byte)Math.Min(255, pixels[i] + uncovered);
            pixels[i + 1] = (byte)Math.Min(255, pixels[i + 1] + uncovered);
            pixels[i + 2] = (byte)Math.Min(255, pixels[i + 2] + uncovered);
        }
    }

    private static FaceAnalysis.Unreadable Corrupt(ImageFormat format, string why) =>
        new(UnreadableCause.Corrupt, $"The file is a {format} that does not decode whole: {why}.");
}
