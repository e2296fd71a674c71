using System.Buffers.Binary;
using System.Text;

namespace Rollcall.Benchmarks.Hostile;

/// <summary>A WebP as its RIFF chunks, and lies in them; mostly with a length of the whole that is right again.</summary>
internal static class WebPMutations
{
    private const int Head = 12;
    private const int ChunkHead = 8;

    private static readonly string[] Kinds = ["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP", "EXIF", "XMP ", "XXXX"];

    public static List<byte[]> Split(byte[] file)
    {
        var pieces = new List<byte[]> { file[..Math.Min(Head, file.Length)] };
        long at = Head;
        while (at + ChunkHead <= file.Length)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan((int)at + 4));
            var end = Math.Min(file.Length, at + ChunkHead + length + (length & 1));
            pieces.Add(file[(int)at..(int)end]);
            at = end;
        }

        return pieces;
    }

    public static byte[] Mutate(Random random, byte[] file, byte[] other)
    {
        var pieces = Split(file);
        if (pieces.Count < 2) return file;
        var place = random.Next(1, pieces.Count);
        switch (random.Next(6))
        {
            case 0:
                pieces[place] = LieInHeader(random, pieces[place].ToArray());
                break;
            case 1:
                BinaryPrimitives.WriteUInt32LittleEndian((pieces[place] = pieces[place].ToArray()).AsSpan(4), Length(random, pieces[place].Length));
                break;
            case 2:
                pieces[place] = Damage(random, pieces[place].ToArray());
                break;
            case 3:
                Encoding.ASCII.GetBytes(Kinds[random.Next(Kinds.Length)], (pieces[place] = pieces[place].ToArray()).AsSpan());
                break;
            case 4:
                pieces.Insert(place, Chunk(random));
                break;
            default:
                Pieces.Rearrange(random, pieces, Split(other));
                break;
        }

        byte[] mutated = [.. pieces.SelectMany(piece => piece)];
        if (random.Next(5) > 0 && mutated.Length >= Head) BinaryPrimitives.WriteInt32LittleEndian(mutated.AsSpan(4), mutated.Length - ChunkHead);
        return mutated;
    }

    /// <summary>The size: of a lossy frame 10 bytes in, of a lossless one in the bits after its first byte, of a canvas or a frame of an animation in 24 bits each.</summary>
    private static byte[] LieInHeader(Random random, byte[] chunk)
    {
        var (width, height) = (Pieces.Side(random), Pieces.Side(random));
        switch (Encoding.ASCII.GetString(chunk, 0, 4))
        {
            case "VP8 " when chunk.Length >= ChunkHead + 10:
                BinaryPrimitives.WriteUInt16LittleEndian(chunk.AsSpan(ChunkHead + 6), (ushort)width);
                BinaryPrimitives.WriteUInt16LittleEndian(chunk.AsSpan(ChunkHead + 8), (ushort)height);
                break;
            case "VP8L" when chunk.Length >= ChunkHead + 5:
                BinaryPrimitives.WriteUInt32LittleEndian(chunk.AsSpan(ChunkHead + 1), (uint)((width & 0x3FFF) | ((height & 0x3FFF) << 14) | (random.Next(16) << 28)));
                break;
            case "VP8X" or "ANMF" when chunk.Length >= ChunkHead + (chunk[0] == (byte)'V' ? 10 : 12):
                var at = ChunkHead + (chunk[0] == (byte)'V' ? 4 : random.Next(2) * 6);
                for (var i = 0; i < 3; i++) (chunk[at + i], chunk[at + 3 + i]) = ((byte)(width >> (8 * i)), (byte)(height >> (8 * i)));
                if (random.Next(3) == 0) chunk[ChunkHead] = (byte)random.Next(256); // its flags
                break;
        }

        return chunk;
    }

    private static uint Length(Random random, int now) => random.Next(4) switch { 0 => 0, 1 => uint.MaxValue, 2 => int.MaxValue, _ => (uint)Math.Max(0, now - ChunkHead + random.Next(-20, 21)) };

    /// <summary>Near the beginning, where partitions, transforms and codes are described.</summary>
    private static byte[] Damage(Random random, byte[] chunk)
    {
        if (chunk.Length <= ChunkHead) return chunk;
        var most = Math.Min(chunk.Length, ChunkHead + random.Next(1, 400));
        for (var n = random.Next(1, 10); n > 0; n--) chunk[random.Next(ChunkHead, most)] = (byte)random.Next(256);
        return chunk;
    }

    private static byte[] Chunk(Random random)
    {
        var body = ByteMutations.Noise(random, random.Next(0, 150) * 2);
        var head = new byte[ChunkHead];
        Encoding.ASCII.GetBytes(Kinds[random.Next(Kinds.Length)], head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), body.Length);
        return [.. head, .. body];
    }
}
