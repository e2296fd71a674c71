namespace Rollcall.Benchmarks.Hostile;

/// <summary>What can be done to a file that is made of segments or chunks: they are left out, come twice, or stand in another order.</summary>
internal static class Pieces
{
    private const int MostRepeats = 300;
    private const int LongestRepeated = 20_000;

    // The sides that decoders have trouble with: none, the least and the most that is allowed, and what does not fit.
    private static readonly int[] Sides = [0, 1, 2, 7, 8, 99, 100, 101, 255, 256, 1000, 1600, 1601, 4000, 6324, 6325, 8192, 16383, 16384, 32767, 32768, 40000, 65499, 65535];

    public static int Side(Random random) => Sides[random.Next(Sides.Length)];

    /// <summary>The first piece stays: it says what the file is.</summary>
    public static void Rearrange(Random random, List<byte[]> pieces, List<byte[]> others)
    {
        if (pieces.Count < 3) return;
        var (one, two) = (random.Next(1, pieces.Count), random.Next(1, pieces.Count));
        switch (random.Next(5))
        {
            case 0:
                pieces.RemoveAt(one);
                break;
            case 1:
                pieces.Insert(two, pieces[one]);
                break;
            case 2:
                (pieces[one], pieces[two]) = (pieces[two], pieces[one]);
                break;
            case 3:
                var repeated = pieces[one];
                if (repeated.Length < LongestRepeated) pieces.InsertRange(one, Enumerable.Repeat(repeated, random.Next(2, MostRepeats)));
                break;
            default:
                if (others.Count > 1) pieces.Insert(two, others[random.Next(1, others.Count)]);
                break;
        }
    }
}
