using System.Globalization;
using Rollcall.Benchmarks.Pairs;
using Rollcall.Faces;
using Rollcall.Faces.Models;

namespace Rollcall.Benchmarks;

/// <summary>
/// How many photographs of LFW, none of which is an attack, pass the liveness check, what becomes of the few attacks that there are, and what a
/// face costs.
/// </summary>
internal static class LivenessCommand
{
    private const int Runs = 201;
    private static readonly double[] Thresholds = [0.3, 0.5, 0.7, 0.9];

    public static int Run(string[] args)
    {
        foreach (var pack in args.Contains("--pack") ? [Material.PackOf(args)] : new[] { ModelPack.Standard.Id, ModelPack.Retail.Id })
        {
            using var engine = Material.Engine(pack);
            if (!engine.ChecksLiveness)
                throw new InvalidOperationException($"The pack '{pack}' has no liveness model here.");

            var every = int.Parse(Material.ValueOf(args, "--every") ?? "1", CultureInfo.InvariantCulture);
            var files = Lfw.Images(Material.Faces).Where((_, i) => i % every == 0).Select(image => image.PathUnder(Material.Faces)).ToList();
            var scores = files.AsParallel().Select(file => engine.LivenessOf(File.ReadAllBytes(file))).OfType<double>().Order().ToList();
            Console.WriteLine($"{pack}: {scores.Count} of {files.Count} photographs of LFW have a face; score of the first in 100 {scores[scores.Count / 100]:0.0000}, in 10 {scores[scores.Count / 10]:0.0000}, median {scores[scores.Count / 2]:0.0000}");
            foreach (var threshold in Thresholds)
            {
                var passed = scores.Count(score => score >= threshold);
                Console.WriteLine($"  from {threshold:0.000} on: {passed} pass, {100.0 * passed / scores.Count:0.00} %{(threshold.Equals(engine.Pack.Liveness!.Threshold) ? "  <- the pack's" : "")}");
            }

            foreach (var file in Directory.EnumerateFiles(Path.Combine(Material.Faces, "samples", "spoof")).Order())
                Console.WriteLine($"  {Path.GetFileName(file),-14} {engine.LivenessOf(File.ReadAllBytes(file)):0.0000}");
            PrintCost(engine, files);
        }

        return 0;
    }

    /// <summary>What the check adds to the analysis of a photograph that passes.</summary>
    private static void PrintCost(FaceEngine engine, List<string> files)
    {
        var bytes = files.Select(File.ReadAllBytes).First(file => engine.LivenessOf(file) >= engine.Pack.Liveness!.Threshold);
        var options = new AnalysisOptions { MinQuality = 0, MultipleFaces = MultipleFacesRule.Largest };
        var (without, with) = (Clock.Median(() => engine.Analyze(bytes, options), Runs), Clock.Median(() => engine.Analyze(bytes, options with { CheckLiveness = true }), Runs));
        Console.WriteLine($"  a photograph of LFW, one thread: {without:0.0} ms, with the check {with:0.0} ms");
    }
}
