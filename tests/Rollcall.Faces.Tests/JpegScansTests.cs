using System.Buffers.Binary;

namespace Rollcall.Faces.Tests;

/// <summary>Files that are small, within every limit, and would keep whoever walks them busy for minutes.</summary>
public sealed class JpegScansTests
{
    private const int Side = 200;
    private const int Blocks = Side / 8 * (Side / 8);

    // A gray progressive picture: its one code of each kind is a single bit, "no difference" and "so many blocks are empty".
    private static readonly byte[] Start =
    [
        0xFF, 0xD8,
        .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)16, 64)]),
        .. Frame(Side),
        .. Segment(0xC4, [0x00, 1, .. new byte[15], 0x00]),
        .. Segment(0xC4, [0x10, 1, .. new byte[15], 0xE0]),
        .. Segment(0xDA, [1, 1, 0, 0, 0, 0]), .. new byte[(Blocks + 7) / 8],
    ];

    private static readonly byte[] EmptyScan = [.. Segment(0xDA, [1, 1, 0, 1, 63, 0]), 0x7F, 0xFE];

    private static ReadOnlySpan<byte> End => [0xFF, 0xD9];

    [Fact]
    public void As_many_scans_as_anybody_writes_are_walked_and_decoded()
    {
        byte[] file = [.. Start, .. Enumerable.Repeat(EmptyScan, 60).SelectMany(scan => scan), .. End];

        Assert.True(JpegScans.AreWhole(file));
        using var picture = ImageDecoder.Decode(file, out var failure);
        Assert.Null(failure);
    }

    [Fact]
    public void A_file_of_more_scans_than_the_decoder_takes_is_not_walked_to_its_end() =>
        Assert.False(JpegScans.AreWhole([.. Start, .. Enumerable.Repeat(EmptyScan, 101).SelectMany(scan => scan), .. End]));

    [Fact]
    public void A_second_frame_does_not_escape_the_limits_of_the_first()
    {
        Assert.True(JpegScans.AreWhole([.. Start, .. EmptyScan, .. End]));
        Assert.False(JpegScans.AreWhole([.. Start, .. Frame(Side), .. EmptyScan, .. End]));
    }

    [Fact]
    public void A_frame_beyond_the_limits_is_left_to_the_decoder()
    {
        // Broken after its header: whoever walks on says so.
        Assert.False(JpegScans.AreWhole([0xFF, 0xD8, .. Frame(Side), .. Segment(0xC4, [0x00]), .. End]));
        Assert.True(JpegScans.AreWhole([0xFF, 0xD8, .. Frame(ushort.MaxValue), .. Segment(0xC4, [0x00]), .. End]));
    }

    [Fact]
    public void A_scan_has_four_components_at_most()
    {
        byte[] parts = [.. Enumerable.Repeat<byte[]>([1, 0], 5).SelectMany(part => part)];

        Assert.False(JpegScans.AreWhole([.. Start, .. Segment(0xDA, [5, .. parts, 1, 63, 0]), 0x7F, 0xFE, .. End]));
    }

    private static byte[] Frame(int side)
    {
        var size = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)side);
        BinaryPrimitives.WriteUInt16BigEndian(size.AsSpan(2), (ushort)side);
        return Segment(0xC2, [8, .. size, 1, 1, 0x11, 0]);
    }

    private static byte[] Segment(byte marker, ReadOnlySpan<byte> body)
    {
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(body.Length + 2));
        return [0xFF, marker, .. length, .. body];
    }
}
