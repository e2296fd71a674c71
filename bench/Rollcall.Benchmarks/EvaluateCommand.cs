using Rollcall.Benchmarks.Pairs;
using Rollcall.Faces;
using Rollcall.Faces.Models;

namespace Rollcall.Benchmarks;

/// <summary>What a small pack has to show, and whether it does. Fails where it does not.</summary>
internal static class EvaluateCommand
{
    private const int Rounds = 9;
    private const int Photographs = 24;
    private static readonly AnalysisOptions Ungated = new() { MultipleFaces = MultipleFacesRule.Largest, MinQuality = 0 };

    public static int Run(string[] args)
    {
        using var engine = new FaceEngine(Material.Install(args.Contains("--pack") ? args : [.. args, "--pack", ModelPack.Compact.Id]));
        using var standard = Material.Engine();
        var root = Material.Faces;
        var verdict = 0;
        void Print(string what, string value, string least, bool kept)
        {
            Console.WriteLine($"{what,-58} {value,-18} {least,-14} {(kept ? "kept" : "MISSED")}");
            verdict |= kept ? 0 : 1;
        }

        Console.WriteLine($"pack {engine.Pack.Id}, faces from a score of {engine.Pack.DetectionThreshold:0.##}");
        var folds = FoldFigures.Measure(root, engine);
        var found = (double)folds.Found / folds.Images;
        Print("LFW folds 1-3, accuracy over 1,800 pairs", $"{100 * folds.Accuracy:0.00} %", "97.5 %", folds.Accuracy >= 0.975);
        Print($"the same, FNMR at FMR 1e-3, all of {folds.Images:N0} against all", $"{100 * folds.Missed:0.00} %", "at most 9 %", folds.Missed <= 0.09);
        Print("the same, photographs with a face", $"{folds.Found} ({100 * found:0.00} %)", "99 %", found >= 0.99);
        var groups = SampleFigures.Groups(root, standard, engine);
        var share = (double)groups.Found / groups.Reference;
        Print("samples/group, of the faces that standard finds", $"{groups.Found} of {groups.Reference} ({100 * share:0.0} %)", "70 %", share >= 0.7);
        var wrong = SampleFigures.FalseFaces(root, engine);
        Print("samples/nonface, pictures with a face", $"{wrong.Count}", "at most 3", wrong.Count <= 3);
        var ratio = Ratio(root, standard, engine);
        Print("decode to vector, one thread, share of standard's time", $"{ratio:0.00}", "at most 1", ratio <= 1);
        foreach (var file in wrong)
            Console.WriteLine($"a face in {file}");
        return verdict;
    }

    /// <summary>The time of one against that of the other, in turns so that what else runs on the machine meets both alike; the median of the rounds.</summary>
    private static double Ratio(string root, FaceEngine standard, FaceEngine engine)
    {
        var files = Lfw.Some(root, Photographs).ConvertAll(File.ReadAllBytes);
        var ratios = new double[Rounds + 1];
        for (var round = 0; round <= Rounds; round++)
        {
            var (reference, own) = (TimeSpan.Zero, TimeSpan.Zero);
            foreach (var file in files)
            {
                reference += Time(standard, file);
                own += Time(engine, file);
            }

            ratios[round] = own / reference;
        }

        // The first round warms up.
        return ratios[1..].Order().ElementAt(Rounds / 2);
    }

    private static TimeSpan Time(FaceEngine engine, byte[] file)
    {
        var started = TimeProvider.System.GetTimestamp();
        engine.Analyze(file, Ungated);
        return TimeProvider.System.GetElapsedTime(started);
    }
}
