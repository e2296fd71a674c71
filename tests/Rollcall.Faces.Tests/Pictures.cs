using System.Buffers.Binary;
using SkiaSharp;

namespace Rollcall.Faces.Tests;

/// <summary>Pictures made for a test.</summary>
internal static class Pictures
{
    public static byte[] Plain(int width, int height, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(SKColors.SteelBlue);
        return Encoded(bitmap, format);
    }

    public static byte[] Resized(byte[] file, int width, int height, SKEncodedImageFormat format)
    {
        using var bitmap = SKBitmap.Decode(file);
        using var resized = bitmap.Resize(new SKImageInfo(width, height), new SKSamplingOptions(SKCubicResampler.Mitchell));
        return Encoded(resized, format);
    }

    /// <summary>A picture laid into a gray scene.</summary>
    public static byte[] Placed(byte[] file, int width, int height, int sceneWidth, int sceneHeight, int x, int y)
    {
        using var bitmap = SKBitmap.Decode(file);
        using var scene = new SKBitmap(sceneWidth, sceneHeight);
        using var canvas = new SKCanvas(scene);
        using var image = SKImage.FromBitmap(bitmap);
        canvas.Clear(SKColors.Gray);
        canvas.DrawImage(image, new SKRect(x, y, x + width, y + height), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        return Encoded(scene, SKEncodedImageFormat.Jpeg);
    }

    /// <summary>The part of a picture, in fractions of it, at a new width.</summary>
    public static byte[] Cropped(byte[] file, FaceBox part, int width)
    {
        using var bitmap = SKBitmap.Decode(file);
        var source = new SKRect(
            (float)(part.X * bitmap.Width), (float)(part.Y * bitmap.Height),
            (float)((part.X + part.Width) * bitmap.Width), (float)((part.Y + part.Height) * bitmap.Height));
        using var crop = new SKBitmap(width, (int)(width * source.Height / source.Width));
        using var canvas = new SKCanvas(crop);
        using var image = SKImage.FromBitmap(bitmap);
        var sampling = new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear);
        canvas.DrawImage(image, source, new SKRect(0, 0, crop.Width, crop.Height), sampling);
        return Encoded(crop, SKEncodedImageFormat.Jpeg);
    }

    /// <summary>Every channel as value · scale + offset.</summary>
    public static byte[] Relit(byte[] file, float scale, float offset)
    {
        using var bitmap = SKBitmap.Decode(file);
        using var relit = new SKBitmap(bitmap.Width, bitmap.Height);
        using var canvas = new SKCanvas(relit);
        using var filter = SKColorFilter.CreateColorMatrix(
        [
            scale, 0, 0, 0, offset / 255,
            0, scale, 0, 0, offset / 255,
            0, 0, scale, 0, offset / 255,
            0, 0, 0, 1, 0,
        ]);
        using var paint = new SKPaint { ColorFilter = filter };
        canvas.DrawBitmap(bitmap, 0, 0, SKSamplingOptions.Default, paint);
        return Encoded(relit, SKEncodedImageFormat.Png);
    }

    /// <summary>The picture with its pixels stored so that the EXIF orientation, 1 to 8, makes it upright again.</summary>
    public static byte[] Oriented(byte[] file, int orientation)
    {
        using var bitmap = SKBitmap.Decode(file);
        var (width, height) = orientation >= 5 ? (bitmap.Height, bitmap.Width) : (bitmap.Width, bitmap.Height);
        using var stored = new SKBitmap(width, height);
        for (var y = 0; y < bitmap.Height; y++)
        {
            for (var x = 0; x < bitmap.Width; x++)
            {
                // Where the EXIF specification's 0th row and 0th column place an upright pixel.
                var (sx, sy) = orientation switch
                {
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (y, height - 1 - x),
                    7 => (width - 1 - y, height - 1 - x),
                    8 => (width - 1 - y, x),
                    _ => (x, y),
                };
                stored.SetPixel(sx, sy, bitmap.GetPixel(x, y));
            }
        }

        return WithOrientation(Encoded(stored, SKEncodedImageFormat.Jpeg), orientation);
    }

    /// <summary>A PNG whose header announces a size that its few bytes do not hold.</summary>
    public static byte[] PngBomb(uint width, uint height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        header[9] = 2;
        var pixels = Chunk("IDAT"u8, [0x78, 0x9C, 0x03, 0, 0, 0, 0, 1]);
        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR"u8, header), .. pixels, .. Chunk("IEND"u8, [])];
    }

    public static byte[] Encoded(SKBitmap bitmap, SKEncodedImageFormat format)
    {
        using var image = SKImage.FromBitmap(bitmap);
        using var data = image.Encode(format, 95);
        return data.ToArray();
    }

    private static byte[] Chunk(ReadOnlySpan<byte> kind, byte[] body)
    {
        byte[] checkedPart = [.. kind, .. body];
        var chunk = new byte[body.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        checkedPart.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(body.Length + 8), Crc(checkedPart));
        return chunk;
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
        }

        return ~crc;
    }

    private static byte[] WithOrientation(byte[] jpeg, int orientation)
    {
        // APP1 with a big-endian TIFF of one entry: tag 0x0112, a short.
        byte[] tiff = [.. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        byte[] body = [.. "Exif"u8, 0, 0, .. tiff];
        return [0xFF, 0xD8, 0xFF, 0xE1, (byte)((body.Length + 2) >> 8), (byte)(body.Length + 2), .. body, .. jpeg[2..]];
    }
}
