using SkiaSharp;

namespace Rollcall.Faces.Tests;

/// <summary>What is and what is not a picture.</summary>
public sealed class ImageDecoderTests
{
    private static UnreadableCause? CauseOf(ReadOnlyMemory<byte> file)
    {
        using var picture = ImageDecoder.Decode(file, out var failure);
        Assert.Equal(picture is null, failure is not null);
        return failure?.Cause;
    }

    [Fact]
    public void Other_formats_and_nothing_are_unsupported()
    {
        Assert.Equal(UnreadableCause.UnsupportedFormat, CauseOf(default));
        Assert.Equal(UnreadableCause.UnsupportedFormat, CauseOf("This is text, whatever its name says."u8.ToArray()));
        Assert.Equal(UnreadableCause.UnsupportedFormat, CauseOf("GIF89a and so on"u8.ToArray()));
        Assert.Equal(UnreadableCause.UnsupportedFormat, CauseOf("BM and so on"u8.ToArray()));
        Assert.Equal(UnreadableCause.UnsupportedFormat, CauseOf("RIFF0000WAVE"u8.ToArray()));
    }

    [Fact]
    public void Limits_hold_before_a_pixel_is_decoded()
    {
        Assert.Equal(UnreadableCause.ImageTooLarge, CauseOf(Pictures.PngBomb(12_000, 12_000)));
        Assert.Equal(UnreadableCause.ImageTooLarge, CauseOf(new byte[ImageDecoder.MaxBytes + 1]));
        Assert.Equal(UnreadableCause.ImageTooSmall, CauseOf(Pictures.Plain(50, 50, SKEncodedImageFormat.Png)));
        Assert.Equal(UnreadableCause.ImageTooSmall, CauseOf(Pictures.Plain(99, 400, SKEncodedImageFormat.Jpeg)));
        Assert.Null(CauseOf(Pictures.Plain(100, 100, SKEncodedImageFormat.Jpeg)));
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void A_file_cut_anywhere_is_corrupt(SKEncodedImageFormat format)
    {
        var file = Noise(format);
        Assert.Null(CauseOf(file));
        for (var length = 12; length < file.Length; length += Math.Max(1, file.Length / 40))
            Assert.Equal(UnreadableCause.Corrupt, CauseOf(file.AsMemory(0, length)));
        Assert.Equal(UnreadableCause.Corrupt, CauseOf(file.AsMemory(0, file.Length - 1)));
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Png)]
    public void What_follows_the_end_does_no_harm(SKEncodedImageFormat format) =>
        Assert.Null(CauseOf((byte[])[.. Noise(format), .. "trailer of a camera"u8]));

    [Fact]
    public void A_damaged_png_is_corrupt()
    {
        var file = Noise(SKEncodedImageFormat.Png);
        file[file.Length / 2] ^= 0x10;
        Assert.Equal(UnreadableCause.Corrupt, CauseOf(file));
    }

    [Fact]
    public void A_jpeg_with_a_hole_is_corrupt()
    {
        var file = Noise(SKEncodedImageFormat.Jpeg);
        var half = file.Length / 2;
        Assert.Equal(UnreadableCause.Corrupt, CauseOf((byte[])[.. file[..half], 0xFF, 0xD9]));
        Assert.Equal(UnreadableCause.Corrupt, CauseOf((byte[])[.. file[..half], .. new byte[half - 2], 0xFF, 0xD9]));
    }

    [Fact]
    public void Every_photograph_is_whole()
    {
        var root = TestAssets.Faces;
        var portraits = Directory.EnumerateFiles(Path.Combine(root, "lfw"), "*_0001.jpg", SearchOption.AllDirectories).Order();
        var samples = Directory.EnumerateFiles(Path.Combine(root, "samples"), "*.jp*g", SearchOption.AllDirectories)
            .Where(file => !file.Contains("truncated"));
        foreach (var file in portraits.Where((_, i) => i % 10 == 0).Concat(samples))
            Assert.Null(CauseOf(File.ReadAllBytes(file)));
    }

    [Fact]
    public void Any_bytes_give_an_answer()
    {
        var random = new Random(7);
        foreach (var format in new[] { SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Png, SKEncodedImageFormat.Webp })
        {
            var file = Noise(format);
            for (var i = 0; i < 200; i++)
            {
                var damaged = (byte[])file.Clone();
                for (var n = random.Next(1, 8); n > 0; n--)
                    damaged[random.Next(12, damaged.Length)] = (byte)random.Next(256);
                CauseOf(damaged);
            }
        }
    }

    [Fact]
    public unsafe void A_jpeg_is_scaled_while_it_is_decoded()
    {
        var file = Pictures.Plain(4000, 3000, SKEncodedImageFormat.Jpeg);
        using var scaled = ImageDecoder.Decode(file, out _);
        Assert.Equal((2000, 1500), (scaled!.Width, scaled.Height));
        Assert.Equal(2, scaled.Reduction);
        using var full = ImageDecoder.Decode(file, out _, fullScale: true);
        Assert.Equal((4000, 3000), (full!.Width, full.Height));
        Assert.InRange(Math.Abs(scaled.Pixels[0] - full.Pixels[0]), 0, 2);
    }

    [Fact]
    public void A_webp_is_scaled_while_it_is_decoded()
    {
        using var scaled = ImageDecoder.Decode(Pictures.Plain(4000, 3000, SKEncodedImageFormat.Webp), out _);
        Assert.Equal((1600, 1200, 2.5), (scaled!.Width, scaled.Height, scaled.Reduction));
    }

    [Fact]
    public unsafe void Transparent_pixels_lie_on_white()
    {
        using var bitmap = new SKBitmap(120, 120);
        bitmap.Erase(new SKColor(0, 0, 0, 51));
        using var picture = ImageDecoder.Decode(Pictures.Encoded(bitmap, SKEncodedImageFormat.Png), out _);
        Assert.Equal(204, picture!.Pixels[0]);
    }

    [Fact]
    public unsafe void Gray_pictures_have_three_equal_channels()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(120, 120, SKColorType.Gray8, SKAlphaType.Opaque));
        bitmap.Erase(new SKColor(90, 90, 90));
        foreach (var format in new[] { SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Png })
        {
            using var picture = ImageDecoder.Decode(Pictures.Encoded(bitmap, format), out _);
            Assert.Equal((90, 90, 90), (picture!.Pixels[0], picture.Pixels[1], picture.Pixels[2]));
        }
    }

    [Fact]
    public unsafe void Sixteen_bit_pictures_are_read()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(120, 120, SKColorType.Rgba16161616, SKAlphaType.Unpremul));
        bitmap.Erase(new SKColor(10, 20, 30));
        using var picture = ImageDecoder.Decode(Pictures.Encoded(bitmap, SKEncodedImageFormat.Png), out _);
        Assert.Equal((10, 20, 30), (picture!.Pixels[0], picture.Pixels[1], picture.Pixels[2]));
    }

    // Both files are plain colour, written by libvips for these tests. Ink has no exact red, green and blue without its profile.
    [Theory]
    [InlineData("cmyk.jpg", 200, 100, 50, 40)]
    [InlineData("animated.webp", 200, 100, 50, 0)]
    public unsafe void Ink_colours_and_the_first_frame_of_a_film_are_read(string name, int red, int green, int blue, int tolerance)
    {
        using var picture = ImageDecoder.Decode(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Files", name)), out var failure);
        Assert.Null(failure);
        Assert.Equal((120, 120), (picture!.Width, picture.Height));
        var middle = picture.Pixels + (60 * picture.Stride) + (60 * 4);
        Assert.InRange(middle[0], red - tolerance, red + tolerance);
        Assert.InRange(middle[1], green - tolerance, green + tolerance);
        Assert.InRange(middle[2], blue - tolerance, blue + tolerance);
    }

    /// <summary>A picture that does not compress to nothing.</summary>
    private static byte[] Noise(SKEncodedImageFormat format)
    {
        var random = new Random(3);
        using var bitmap = new SKBitmap(160, 120);
        for (var y = 0; y < bitmap.Height; y++)
        {
            for (var x = 0; x < bitmap.Width; x++)
                bitmap.SetPixel(x, y, new SKColor((byte)(x + random.Next(40)), (byte)(y + random.Next(40)), (byte)random.Next(256)));
        }

        return Pictures.Encoded(bitmap, format);
    }
}
