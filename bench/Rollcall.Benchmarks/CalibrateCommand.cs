using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics.Tensors;
using Rollcall.Benchmarks.Pairs;
using Rollcall.Faces;

namespace Rollcall.Benchmarks;

/// <summary>
/// The two tables of a pack's manifest. False match rates: every image of the pair list meets every image of everyone
/// else, 29.6 million pairs. Quality: every image of LFW. The threshold for a rate is the lowest cosine that no more than that share of
/// the pairs reaches.
/// </summary>
internal static class CalibrateCommand
{
    private const int Bins = 200_000;

    // Comparing names for each of 30 million pairs costs more than the cosine does; only close ones matter.
    private const float Close = 0.4f;
    private static readonly double[] Rates = [0.5, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    public static int Run(string[] args)
    {
        using var engine = Material.Engine(args);
        var every = Array.IndexOf(args, "--every") is var at and >= 0 ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : 1;
        var images = Lfw.Images(Material.Faces).Where((_, i) => i % every == 0).ToList();
        Console.WriteLine($"pack {engine.Pack.Id}");
        var all = images.Zip(Lfw.Examine(Material.Faces, engine, images)).Where(pair => pair.Second is not null)
            .Select(pair => (Image: pair.First, Face: pair.Second!)).ToArray();
        Console.WriteLine($"images {images.Count}, a face in {all.Length} ({100.0 * all.Length / images.Count:0.000} %)");

        // The images of the pair list: few people have more than some there, where all of LFW is largely a handful of them.
        var listed = Lfw.Pairs(Material.Faces).SelectMany(pair => new[] { pair.A, pair.B }).ToHashSet();
        var faces = all.Where(pair => listed.Contains(pair.Image)).Select(pair => (pair.Image.Person, pair.Face)).ToArray();

        var (strangers, genuine) = Histograms(faces);
        var total = strangers.Sum();
        Console.WriteLine($"pairs of different people: {total}, of one person: {genuine.Sum()}");
        foreach (var rate in Rates)
        {
            var cosine = CosineAt(strangers, total, rate);
            if (args.Contains("--closest") && rate == Rates[^1])
                PrintClosest(faces, cosine);
            var missed = 1 - ((double)genuine.Skip(BinOf(cosine)).Sum() / genuine.Sum());
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"new({rate:0.0e-0}, {cosine:0.0000}),   FNMR {100 * missed:0.00} %"));
        }

        PrintQuality([.. all.Select(face => face.Face)]);
        return 0;
    }

    /// <summary>The raw quality at the percentiles that the scale is pinned at, and the spread of what it is made of.</summary>
    private static void PrintQuality(FaceEngine.Examination[] faces)
    {
        double[] shares = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1];
        void Print(string name, Func<FaceMeasures, double> of)
        {
            var sorted = faces.Select(face => of(face.Measures)).Order().ToArray();
            Console.WriteLine($"{name,-12}" + string.Concat(shares.Select(share =>
                string.Create(CultureInfo.InvariantCulture, $" {sorted[(int)(share * (sorted.Length - 1))],8:0.0000}"))));
        }

        Console.WriteLine($"{"percentile",-12}" + string.Concat(shares.Select(share => $" {100 * share,8:0}")));
        Print("raw", measures => measures.Raw);
        Print("sharpness", measures => measures.Sharpness);
        Print("brightness", measures => measures.Brightness);
        Print("contrast", measures => measures.Contrast);
        Print("side", measures => measures.Side);
        Print("turn", measures => measures.Turn);
        Print("outside", measures => measures.Outside);
        if (faces[0].Measures.Judgement is not null)
            Print("judgement", measures => measures.Judgement ?? 0);
        Console.WriteLine($"below 0.4: {100.0 * faces.Count(face => face.Score < 0.4) / faces.Length:0.00} %");
    }

    /// <summary>The pairs of different people above a cosine, for a look at whether they are different people.</summary>
    private static void PrintClosest((string Person, FaceEngine.Examination Face)[] faces, double least)
    {
        var close = from i in Enumerable.Range(0, faces.Length).AsParallel()
                    from j in Enumerable.Range(0, i)
                    where faces[i].Person != faces[j].Person
                    let cosine = TensorPrimitives.Dot<float>(faces[i].Face.Embedding, faces[j].Face.Embedding)
                    where cosine > least
                    orderby cosine descending
                    select $"{cosine:0.0000} {faces[i].Person} {faces[j].Person}";
        foreach (var line in close)
            Console.WriteLine(line);
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

    private static (long[] Strangers, long[] Genuine) Histograms((string Person, FaceEngine.Examination Face)[] faces)
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
                    var cosine = TensorPrimitives.Dot<float>(faces[i].Face.Embedding, faces[j].Face.Embedding);
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
        return (Sum(part => part.Strangers), Sum(part => part.Genuine));
    }
}
