using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics.Tensors;
using Rollcall.Faces;

namespace Rollcall.Benchmarks;

/// <summary>
/// The two tables of a pack's manifest. False match rates: one image a person cannot fill the tail, so every image of every
/// person meets every image of everyone else. The threshold for a rate is the lowest cosine that no more than that share of
/// the pairs reaches.
/// </summary>
internal static class CalibrateCommand
{
    private const int Bins = 200_000;
    private static readonly double[] Rates = [0.5, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    public static int Run(string[] args)
    {
        using var engine = Material.Engine();
        var pairs = Lfw.Pairs();
        var images = args.Contains("--all") ? Lfw.Images() : [.. pairs.SelectMany(pair => new[] { pair.A, pair.B }).Distinct()];
        var found = Lfw.Analyze(engine, images);
        var faces = images.Zip(found).Where(pair => pair.Second is FaceAnalysis.Found)
            .Select(pair => (pair.First.Person, Face: (FaceAnalysis.Found)pair.Second)).ToArray();
        Console.WriteLine($"images {images.Count}, a face in {faces.Length} ({100.0 * faces.Length / images.Count:0.000} %)");

        var (strangers, genuine) = Histograms(faces);
        var total = strangers.Sum();
        Console.WriteLine($"pairs of different people: {total}, of one person: {genuine.Sum()}");
        foreach (var rate in Rates)
        {
            var cosine = CosineAt(strangers, total, rate);
            var missed = 1 - ((double)genuine.Skip(BinOf(cosine)).Sum() / genuine.Sum());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"new({rate:0.0e-0}, {cosine:0.0000}),   FNMR {100 * missed:0.00} %"));
        }

        return 0;
    }

    private static int BinOf(double cosine) => Math.Clamp((int)((cosine + 1) / 2 * Bins), 0, Bins - 1);

    private static double CosineAt(long[] histogram, long total, double rate)
    {
        var allowed = (long)(total * rate);
        for (var bin = Bins - 1; bin >= 0; bin--)
        {
            allowed -= histogram[bin];
            if (allowed < 0)
                return ((bin + 1.0) / Bins * 2) - 1;
        }

        return -1;
    }

    private static (long[] Strangers, long[] Genuine) Histograms((string Person, FaceAnalysis.Found Face)[] faces)
    {
        var parts = new ConcurrentBag<(long[] Strangers, long[] Genuine)>();
        Parallel.For(
            0,
            faces.Length,
            () => (new long[Bins], new long[Bins]),
            (i, _, part) =>
            {
                for (var j = 0; j < i; j++)
                {
                    var bin = BinOf(TensorPrimitives.Dot<float>(faces[i].Face.Embedding, faces[j].Face.Embedding));
                    (faces[i].Person == faces[j].Person ? part.Item2 : part.Item1)[bin]++;
                }

                return part;
            },
            part => parts.Add(part));
        long[] Sum(Func<(long[] Strangers, long[] Genuine), long[]> of) =>
            [.. Enumerable.Range(0, Bins).Select(bin => parts.Sum(part => of(part)[bin]))];
        return (Sum(part => part.Strangers), Sum(part => part.Genuine));
    }
}
