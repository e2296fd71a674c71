using System.Buffers.Binary;

namespace Rollcall.Faces;

/// <summary>The formats a picture may have.</summary>
internal enum ImageFormat
{
    Unsupported,
    Jpeg,
    Png,
    WebP,
}

/// <summary>
/// What the container of a picture tells without decoding it. The decoders behind SkiaSharp stop at the last row and forgive
/// an end that is missing, and libjpeg fills a hole with gray; so the container is walked to its end first, and the scans of a JPEG.
/// </summary>
internal static class ImageFile
{
    private static ReadOnlySpan<byte> PngStart => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The format, by the first bytes.</summary>
    public static ImageFormat FormatOf(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith<byte>([0xFF, 0xD8, 0xFF]))
            return ImageFormat.Jpeg;
        if (file.StartsWith(PngStart))
            return ImageFormat.Png;
        return file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8)
            ? ImageFormat.WebP
            : ImageFormat.Unsupported;
    }

    /// <summary>Whether the file reaches the end that its container announces. What follows the end does not matter.</summary>
    public static bool IsWhole(ImageFormat format, ReadOnlySpan<byte> file) => format switch
    {
        ImageFormat.Jpeg => JpegIsWhole(file) && JpegScans.AreWhole(file),
        ImageFormat.Png => PngIsWhole(file),
        // RIFF: the length of all that follows the first 8 bytes.
        ImageFormat.WebP => BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) <= (uint)(file.Length - 8),
        _ => false,
    };

    /// <summary>
    /// Walks from marker to marker, over segments by their length and over coded data by looking for the next FF, until the
    /// end of image (FFD9). Looking for FFD9 alone would find the one of the thumbnail.
    /// </summary>
    private static bool JpegIsWhole(ReadOnlySpan<byte> file)
    {
        var at = 2;
        while (true)
        {
            var ff = at < file.Length ? file[at..].IndexOf((byte)0xFF) : -1;
            if (ff < 0 || at + ff + 1 >= file.Length)
                return false;
            at += ff + 1;
            switch (file[at])
            {
                case 0xFF: // fill byte: the next one may be the marker
                    break;
                case 0x00 or 0x01 or (>= 0xD0 and <= 0xD8): // an escaped FF, or a marker without a segment
                    at++;
                    break;
                case 0xD9:
                    return true;
                default:
                    if (at + 2 >= file.Length)
                        return false;
                    at += 1 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 1)..]);
                    break;
            }
        }
    }

    /// <summary>Walks from chunk to chunk until IEND. Checksums are the decoder's work.</summary>
    private static bool PngIsWhole(ReadOnlySpan<byte> file)
    {
        long at = PngStart.Length;
        while (at + 12 <= file.Length)
        {
            var chunk = file[(int)at..];
            var end = at + 12 + BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (chunk[4..8].SequenceEqual("IEND"u8))
                return end <= file.Length;
            at = end;
        }

        return false;
    }
}
