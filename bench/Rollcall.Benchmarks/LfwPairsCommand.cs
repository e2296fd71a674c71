using System.Numerics.Tensors;

namespace Rollcall.Benchmarks;

/// <summary>
/// The standard protocol of LFW: the threshold of each fold is the best one of the nine others. A pair of which a picture
/// gave no face counts as a cosine of -1. The face of an image is the centred one: the person it is named after.
/// </summary>
internal static class LfwPairsCommand
{
    public static int Run(string[] args)
    {
        using var engine = Material.Engine();
        var pairs = Lfw.Pairs();
        var images = pairs.SelectMany(pair => new[] { pair.A, pair.B }).Distinct().ToList();
        var started = TimeProvider.System.GetTimestamp();
        var found = Lfw.Examine(engine, images, args.Contains("--largest"));
        var took = TimeProvider.System.GetElapsedTime(started);
        var vectors = images.Zip(found).Where(pair => pair.Second is not null)
            .ToDictionary(pair => pair.First, pair => pair.Second!.Embedding);
        var scores = pairs.Select(pair => vectors.TryGetValue(pair.A, out var a) && vectors.TryGetValue(pair.B, out var b)
            ? TensorPrimitives.Dot<float>(a, b)
            : -1).ToArray();

        var folds = Enumerable.Range(0, 10).Select(fold => Accuracy(pairs, scores, fold)).ToArray();
        var mean = folds.Average();
        var deviation = Math.Sqrt(folds.Sum(fold => (fold - mean) * (fold - mean)) / folds.Length);
        var strangers = scores.Where((_, i) => !pairs[i].Same).OrderDescending().ToArray();
        var threshold = strangers[(int)(strangers.Length * 1e-3)];
        var accepted = (double)scores.Where((score, i) => pairs[i].Same && score > threshold).Count() / strangers.Length;
        Console.WriteLine($"images            {images.Count}, a face in {vectors.Count} ({100.0 * vectors.Count / images.Count:0.00} %)");
        Console.WriteLine($"accuracy          {100 * mean:0.00} ± {100 * deviation:0.00} %");
        Console.WriteLine($"TAR at FAR 1e-3   {100 * accepted:0.00} %");
        Console.WriteLine($"images a second   {images.Count / took.TotalSeconds:0.0} on {Environment.ProcessorCount} cores");
        return 0;
    }

    private static double Accuracy(List<LfwPair> pairs, float[] scores, int fold)
    {
        var others = Enumerable.Range(0, pairs.Count).Where(i => pairs[i].Fold != fold).OrderByDescending(i => scores[i]).ToArray();
        // Going down the scores: how many are right when all above this one are called the same person?
        var right = others.Count(i => !pairs[i].Same);
        var (best, threshold) = (right, float.PositiveInfinity);
        foreach (var i in others)
        {
            right += pairs[i].Same ? 1 : -1;
            if (right > best)
                (best, threshold) = (right, scores[i]);
        }

        var tested = Enumerable.Range(0, pairs.Count).Where(i => pairs[i].Fold == fold).ToArray();
        return (double)tested.Count(i => (scores[i] >= threshold) == pairs[i].Same) / tested.Length;
    }
}
