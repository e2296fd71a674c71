using System.Globalization;
using System.Numerics.Tensors;
using Rollcall.Benchmarks.Pairs;
using Rollcall.Faces;

namespace Rollcall.Benchmarks;

/// <summary>
/// The two tables of a pack's manifest. False match rates: every image of the pair list meets every image of everyone
/// else, 29.6 million pairs. Quality: every image of LFW. The threshold for a rate is the lowest cosine that no more than that share of
/// the pairs reaches. With <c>--held-out</c> both come from the people whom the compact pack was kept from.
/// </summary>
internal static class CalibrateCommand
{
    private static readonly double[] Rates = [0.5, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    // A threshold that fewer pairs decide is chance.
    private const int FewestPairs = 30;

    public static int Run(string[] args)
    {
        using var engine = Material.Engine(args);
        var heldOut = args.Contains("--held-out");
        var every = Material.ValueOf(args, "--every") is { } number ? int.Parse(number, CultureInfo.InvariantCulture) : 1;
        var images = (heldOut ? HeldOut.Images(Material.Faces) : Lfw.Images(Material.Faces)).Where((_, i) => i % every == 0).ToList();
        Console.WriteLine($"pack {engine.Pack.Id}{(heldOut ? ", people outside the folds 1 to 3 whom the compact pack was kept from" : "")}");
        var all = Examine(engine, images);
        Console.WriteLine($"images {images.Count}, a face in {all.Length} ({100.0 * all.Length / images.Count:0.000} %)");

        // The images of the pair list: few people have more than some there, where all of LFW is largely a handful of them.
        var listed = Lfw.Pairs(Material.Faces).SelectMany(pair => new[] { pair.A, pair.B }).ToHashSet();
        var faces = all.Where(pair => heldOut || listed.Contains(pair.Image)).ToArray();

        var counts = CosineCounts.Of([.. faces.Select(pair => (pair.Image.Person, pair.Face.Embedding))]);
        Console.WriteLine($"pairs of different people: {counts.Strangers}, of one person: {counts.Genuine}");
        foreach (var (rate, cosine, measured) in Cosines(counts))
        {
            if (args.Contains("--closest") && rate == Rates[^1])
                PrintClosest(faces, cosine);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"new({rate:0.0e-0}, {cosine:0.0000}),   FNMR {100 * counts.Missed(cosine):0.00} %{(measured ? "" : $"   extrapolated: fewer than {FewestPairs} pairs decide")}"));
        }

        PrintQuality([.. all.Select(face => face.Face)]);
        return 0;
    }

    public static (LfwImage Image, FaceEngine.Examination Face)[] Examine(FaceEngine engine, IReadOnlyList<LfwImage> images) =>
        [.. images.Zip(Lfw.Examine(Material.Faces, engine, images)).Where(pair => pair.Second is not null).Select(pair => (pair.First, pair.Second!))];

    /// <summary>The cosine of each rate; one that too few pairs decide goes on along the line of the last two that are measured, as a manifest does.</summary>
    public static IEnumerable<(double Rate, double Cosine, bool Measured)> Cosines(CosineCounts counts)
    {
        var measured = Rates.TakeWhile(rate => counts.Strangers * rate >= FewestPairs).Select(rate => (Rate: rate, Cosine: counts.CosineAt(rate))).ToList();
        foreach (var (rate, cosine) in measured)
            yield return (rate, cosine, true);
        var (before, last) = (measured[^2], measured[^1]);
        foreach (var rate in Rates.Skip(measured.Count))
            yield return (rate, last.Cosine + (Math.Log(rate / last.Rate) / Math.Log(last.Rate / before.Rate) * (last.Cosine - before.Cosine)), false);
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
    private static void PrintClosest((LfwImage Image, FaceEngine.Examination Face)[] faces, double least)
    {
        var close = from i in Enumerable.Range(0, faces.Length).AsParallel()
                    from j in Enumerable.Range(0, i)
                    where faces[i].Image.Person != faces[j].Image.Person
                    let cosine = TensorPrimitives.Dot<float>(faces[i].Face.Embedding, faces[j].Face.Embedding)
                    where cosine > least
                    orderby cosine descending
                    select $"{cosine:0.0000} {faces[i].Image.Person} {faces[j].Image.Person}";
        foreach (var line in close)
            Console.WriteLine(line);
    }
}
