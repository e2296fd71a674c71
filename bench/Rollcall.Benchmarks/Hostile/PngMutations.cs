using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Rollcall.Benchmarks.Hostile;

/// <summary>A PNG as its chunks, and lies in them; mostly with a checksum that is right again, else the decoder would look no further.</summary>
internal static class PngMutations
{
    private const int Signature = 8;
    private const int BombBytes = 4_000_000;

    private static readonly string[] Kinds = ["IDAT", "PLTE", "tRNS", "iCCP", "zTXt", "iTXt", "acTL", "fcTL", "fdAT", "eXIf", "gAMA", "cHRM", "sBIT", "hIST", "sPLT", "IEND", "IHDR"];

    public static List<byte[]> Split(byte[] file)
    {
        var pieces = new List<byte[]> { file[..Math.Min(Signature, file.Length)] };
        var at = Signature;
        while (at + 12 <= file.Length)
        {
            var end = (int)Math.Min(file.Length, at + 12L + BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at)));
            pieces.Add(file[at..end]);
            at = end;
        }

        if (at < file.Length) pieces.Add(file[at..]);
        return pieces;
    }

    public static byte[] Mutate(Random random, byte[] file, byte[] other)
    {
        var pieces = Split(file);
        if (pieces.Count < 3) return file;
        var place = random.Next(1, pieces.Count);
        switch (random.Next(7))
        {
            case 0:
                pieces[1] = LieInHeader(random, pieces[1].ToArray());
                break;
            case 1:
                BinaryPrimitives.WriteUInt32BigEndian((pieces[place] = pieces[place].ToArray()).AsSpan(), Length(random, pieces[place].Length));
                break;
            case 2:
                pieces[place] = Checked(random, ByteMutations.Flip(random, pieces[place]));
                break;
            case 3:
                var kind = Encoding.ASCII.GetBytes(Kinds[random.Next(Kinds.Length)]);
                pieces[place] = Checked(random, [.. pieces[place][..4], .. kind, .. pieces[place][Math.Min(8, pieces[place].Length)..]]);
                break;
            case 4:
                pieces.Insert(place, Chunk(Kinds[random.Next(Kinds.Length)], ByteMutations.Noise(random, random.Next(0, 300))));
                break;
            case 5:
                pieces.Insert(place, Bomb(random));
                break;
            default:
                Pieces.Rearrange(random, pieces, Split(other));
                break;
        }

        return [.. pieces.SelectMany(piece => piece)];
    }

    /// <summary>Width, height, depth, colour type, compression, filter, interlace.</summary>
    private static byte[] LieInHeader(Random random, byte[] header)
    {
        if (header.Length < 25) return header;
        switch (random.Next(4))
        {
            case 0:
                BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), Pieces.Side(random));
                break;
            case 1:
                BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(12), Pieces.Side(random));
                break;
            case 2:
                BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), Pieces.Side(random));
                BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(12), random.Next(2) == 0 ? Pieces.Side(random) : random.Next());
                break;
            default:
                header[random.Next(16, 21)] = (byte)random.Next(0, 17);
                break;
        }

        return Checked(random, header);
    }

    private static uint Length(Random random, int now) => random.Next(4) switch { 0 => 0, 1 => uint.MaxValue, 2 => int.MaxValue, _ => (uint)Math.Max(0, now - 12 + random.Next(-20, 21)) };

    /// <summary>Little that becomes much when it is unpacked: an ICC profile, a text, or more rows than there are.</summary>
    private static byte[] Bomb(Random random)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(new byte[BombBytes]);
        return random.Next(3) switch
        {
            0 => Chunk("iCCP", [.. "a"u8, 0, 0, .. packed.ToArray()]),
            1 => Chunk("zTXt", [.. "a"u8, 0, 0, .. packed.ToArray()]),
            _ => Chunk("IDAT", packed.ToArray()),
        };
    }

    private static byte[] Chunk(string kind, byte[] body)
    {
        var chunk = new byte[12 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        Encoding.ASCII.GetBytes(kind, chunk.AsSpan(4));
        body.CopyTo(chunk, 8);
        return WithChecksum(chunk);
    }

    private static byte[] Checked(Random random, byte[] chunk) => random.Next(8) == 0 || chunk.Length < 12 ? chunk : WithChecksum(chunk);

    private static byte[] WithChecksum(byte[] chunk)
    {
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc(chunk.AsSpan(4, chunk.Length - 8)));
        return chunk;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
        }

        return ~crc;
    }
}
