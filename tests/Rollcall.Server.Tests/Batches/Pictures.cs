using System.Buffers.Binary;
using System.Text;
using SkiaSharp;

namespace Rollcall.Server.Tests.Batches;

/// <summary>Pictures that no collection of photographs has.</summary>
internal static class Pictures
{
    public static byte[] Jpeg(int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(SKColors.SlateGray);
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }

    /// <summary>Photographs side by side, each as high and wide as is said.</summary>
    public static byte[] Beside(params (string File, int Side)[] photographs)
    {
        using var scene = new SKBitmap(photographs.Sum(one => one.Side), photographs.Max(one => one.Side));
        using var canvas = new SKCanvas(scene);
        canvas.Clear(SKColors.Gray);
        var x = 0;
        foreach (var (file, side) in photographs)
        {
            using var image = SKImage.FromEncodedData(file);
            canvas.DrawImage(image, new SKRect(x, 0, x + side, side), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
            x += side;
        }

        using var data = scene.Encode(SKEncodedImageFormat.Jpeg, 95);
        return data.ToArray();
    }

    /// <summary>A PNG of a few bytes whose header promises 144 megapixels, or as many as one likes.</summary>
    public static byte[] PngBomb(int side = 12_000)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, side);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), side);
        (header[8], header[9]) = (8, 2);
        return [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", [0x78, 0x9c, 3, 0, 0, 0, 0, 1]), .. Chunk("IEND", [])];
    }

    /// <summary>A JPEG's first bytes and then padding, of any length.</summary>
    public static byte[] Padded(byte[] jpeg, int length)
    {
        var padded = new byte[length];
        jpeg.CopyTo(padded, 0);
        return padded;
    }

    /// <summary>A picture of a good format with a stretch of its data overwritten.</summary>
    public static byte[] Corrupted(byte[] picture)
    {
        var corrupted = picture.ToArray();
        corrupted.AsSpan(picture.Length / 2, 500).Fill(0xa5);
        return corrupted;
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        var chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xffffffffu;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++) crc = (crc >> 1) ^ (0xedb88320u & (uint)-(int)(crc & 1));
        }

        return ~crc;
    }
}
