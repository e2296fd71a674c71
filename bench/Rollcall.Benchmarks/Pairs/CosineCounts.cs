using System.Collections.Concurrent;
using System.Numerics.Tensors;

namespace Rollcall.Benchmarks.Pairs;

/// <summary>Each face against each other one: how many pairs of different people, and of one person, have which cosine.</summary>
internal sealed class CosineCounts
{
    private const int Bins = 200_000;

    // Comparing names for each of 30 million pairs costs more than the cosine does; only close ones matter.
    private const float Close = 0.4f;

    private readonly long[] _strangers;
    private readonly long[] _genuine;

    private CosineCounts(long[] strangers, long[] genuine) =>
        (_strangers, _genuine, Strangers, Genuine) = (strangers, genuine, strangers.Sum(), genuine.Sum());

    /// <summary>Pairs of different people.</summary>
    public long Strangers { get; }

    /// <summary>Pairs of one person.</summary>
    public long Genuine { get; }

    public static CosineCounts Of(IReadOnlyList<(string Person, float[] Vector)> faces)
    {
        var parts = new ConcurrentBag<(long[] Strangers, long[] Genuine)>();
        Parallel.For(
            0,
            faces.Count,
            () => (new long[Bins], new long[Bins]),
            (i, _, part) =>
            {
                for (var j = 0; j < i; j++)
                {
                    var cosine = TensorPrimitives.Dot<float>(faces[i].Vector, faces[j].Vector);
                    if (faces[i].Person == faces[j].Person)
                        part.Item2[BinOf(cosine)]++;
                    else if (cosine < Close || !Lfw.MayBeOne(faces[i].Person, faces[j].Person))
                        part.Item1[BinOf(cosine)]++;
                }

                return part;
            },
            part => parts.Add(part));
        long[] Sum(Func<(long[] Strangers, long[] Genuine), long[]> of) =>
            [.. Enumerable.Range(0, Bins).Select(bin => parts.Sum(part => of(part)[bin]))];
        return new(Sum(part => part.Strangers), Sum(part => part.Genuine));
    }

    /// <summary>The lowest cosine that no more than that share of the strangers reaches.</summary>
    public double CosineAt(double rate)
    {
        var allowed = (long)(Strangers * rate);
        for (var bin = Bins - 1; bin >= 0; bin--)
        {
            allowed -= _strangers[bin];
            if (allowed < 0)
                return ((bin + 1.0) / Bins * 2) - 1;
        }

        return -1;
    }

    /// <summary>The share of the pairs of one person below a cosine.</summary>
    public double Missed(double cosine) => (double)_genuine.Take(BinOf(cosine)).Sum() / Genuine;

    private static int BinOf(double cosine) => Math.Clamp((int)((cosine + 1) / 2 * Bins), 0, Bins - 1);
}
