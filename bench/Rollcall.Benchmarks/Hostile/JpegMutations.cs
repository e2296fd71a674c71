using System.Buffers.Binary;

namespace Rollcall.Benchmarks.Hostile;

/// <summary>A JPEG as its segments, a scan with its coded data in one piece, and lies in them.</summary>
internal static class JpegMutations
{
    private static readonly byte[] Frames = [0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC9, 0xCA, 0xDC];

    public static List<byte[]> Split(byte[] file)
    {
        var pieces = new List<byte[]> { file[..2] };
        var at = 2;
        while (at + 4 <= file.Length && file[at] == 0xFF && file[at + 1] != 0xD9)
        {
            var end = Math.Min(file.Length, at + 2 + BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 2)));
            if (file[at + 1] == 0xDA)
                while (end + 1 < file.Length && (file[end] != 0xFF || file[end + 1] is 0x00 or (>= 0xD0 and <= 0xD7))) end++;
            pieces.Add(file[at..end]);
            at = end;
        }

        pieces.Add(file[at..]);
        return pieces;
    }

    public static byte[] Mutate(Random random, byte[] file, byte[] other)
    {
        var pieces = Split(file);
        switch (random.Next(6))
        {
            case 0:
                Change(random, pieces, piece => piece[1] is >= 0xC0 and <= 0xC2, frame => LieInFrame(random, frame));
                break;
            case 1:
                Change(random, pieces, piece => piece.Length > 4, segment => LieAboutLength(random, segment));
                break;
            case 2:
                Change(random, pieces, piece => piece[1] is 0xC4 or 0xDB or 0xDA or 0xDD or 0xE1 or 0xE2, segment => Damage(random, segment));
                break;
            case 3:
                Change(random, pieces, piece => piece[1] == 0xDA, scan => InsertMarker(random, scan));
                break;
            case 4:
                pieces.Insert(random.Next(1, pieces.Count), Segment(random));
                break;
            default:
                Pieces.Rearrange(random, pieces, Split(other));
                break;
        }

        return [.. pieces.SelectMany(piece => piece)];
    }

    private static void Change(Random random, List<byte[]> pieces, Func<byte[], bool> which, Func<byte[], byte[]> change)
    {
        var places = Enumerable.Range(1, pieces.Count - 1).Where(i => pieces[i].Length >= 4 && which(pieces[i])).ToList();
        if (places.Count == 0) return;
        var place = places[random.Next(places.Count)];
        pieces[place] = change(pieces[place].ToArray());
    }

    /// <summary>Precision, height, width, number of components, and their ids, sampling and tables; a frame that was cut short before has fewer of them.</summary>
    private static byte[] LieInFrame(Random random, byte[] frame)
    {
        switch (random.Next(5))
        {
            case 0 when frame.Length >= 7:
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(5), (ushort)Pieces.Side(random));
                break;
            case 1 when frame.Length >= 9:
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(7), (ushort)Pieces.Side(random));
                break;
            case 2 when frame.Length >= 9:
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(5), (ushort)Pieces.Side(random));
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(7), (ushort)Pieces.Side(random));
                break;
            case 3:
                frame[1] = Frames[random.Next(Frames.Length)];
                break;
            case 4 when frame.Length > 4:
                frame[random.Next(4, frame.Length)] = (byte)random.Next(256);
                break;
        }

        return frame;
    }

    private static byte[] LieAboutLength(Random random, byte[] segment)
    {
        var length = random.Next(5) switch { 0 => 0, 1 => 1, 2 => 2, 3 => ushort.MaxValue, _ => BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(2)) + random.Next(-20, 21) };
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)length);
        return segment;
    }

    private static byte[] Damage(Random random, byte[] segment)
    {
        var most = Math.Min(segment.Length, 4 + 200); // of a scan its header
        for (var n = random.Next(1, 6); n > 0; n--) segment[random.Next(Math.Min(4, segment.Length - 1), most)] = (byte)random.Next(256);
        return segment;
    }

    private static byte[] InsertMarker(Random random, byte[] scan)
    {
        var at = random.Next(Math.Min(14, scan.Length - 1), scan.Length);
        byte[] marker = [0xFF, (byte)random.Next(256)];
        return random.Next(2) == 0 ? [.. scan[..at], .. marker, .. scan[at..]] : [.. scan[..at], .. marker, .. Segment(random), .. scan[at..]];
    }

    private static byte[] Segment(Random random)
    {
        var body = ByteMutations.Noise(random, random.Next(0, 300));
        var length = body.Length + 2;
        return [0xFF, (byte)random.Next(0xC0, 0x100), (byte)(length >> 8), (byte)length, .. body];
    }
}
