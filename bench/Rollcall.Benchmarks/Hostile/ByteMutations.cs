namespace Rollcall.Benchmarks.Hostile;

/// <summary>What can be done to bytes without knowing what they are.</summary>
internal static class ByteMutations
{
    private const int MostFlips = 32;
    private const int LongestPiece = 4096;

    private static readonly byte[] Interesting = [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, 0xD9, 0xD8, 0xDA, 0xC4];

    public static byte[] Mutate(Random random, byte[] bytes, byte[] other)
    {
        if (bytes.Length < 2) return other;
        var (from, to) = Range(random, bytes.Length);
        return random.Next(9) switch
        {
            0 => Flip(random, bytes),
            1 => Set(random, bytes),
            2 => bytes[..random.Next(bytes.Length)],
            3 => [.. bytes[..from], .. bytes[to..]],
            4 => [.. bytes[..to], .. bytes[from..]],
            5 => [.. bytes[..from], .. Noise(random, random.Next(1, 512)), .. bytes[from..]],
            6 => [.. bytes[..from], .. new byte[to - from], .. bytes[to..]],
            7 => [.. bytes[..from], .. Noise(random, to - from), .. bytes[to..]],
            _ => [.. bytes[..from], .. other[random.Next(other.Length)..]],
        };
    }

    public static byte[] Flip(Random random, byte[] bytes)
    {
        var flipped = bytes.ToArray();
        for (var n = random.Next(1, MostFlips + 1); n > 0 && flipped.Length > 0; n--) flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        return flipped;
    }

    public static byte[] Noise(Random random, int length)
    {
        var noise = new byte[length];
        random.NextBytes(noise);
        return noise;
    }

    private static byte[] Set(Random random, byte[] bytes)
    {
        var set = bytes.ToArray();
        for (var n = random.Next(1, 9); n > 0; n--) set[random.Next(set.Length)] = Interesting[random.Next(Interesting.Length)];
        return set;
    }

    private static (int From, int To) Range(Random random, int length)
    {
        var from = random.Next(length);
        return (from, Math.Min(length, from + random.Next(1, LongestPiece)));
    }
}
