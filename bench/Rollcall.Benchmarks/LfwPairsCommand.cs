using Rollcall.Benchmarks.Pairs;

namespace Rollcall.Benchmarks;

/// <summary>Accuracy over LFW's 6,000 pairs by its standard protocol.</summary>
internal static class LfwPairsCommand
{
    public static int Run(string[] args)
    {
        using var engine = Material.Engine(args);
        var started = TimeProvider.System.GetTimestamp();
        var scores = PairScores.Measure(Material.Faces, engine, largest: args.Contains("--largest"));
        var took = TimeProvider.System.GetElapsedTime(started);
        var (mean, deviation) = scores.Accuracy();
        Console.WriteLine($"pack              {engine.Pack.Id}");
        Console.WriteLine($"images            {scores.Images}, a face in {scores.WithFace} ({100.0 * scores.WithFace / scores.Images:0.00} %)");
        Console.WriteLine($"accuracy          {100 * mean:0.00} ± {100 * deviation:0.00} %");
        Console.WriteLine($"TAR at FAR 1e-3   {100 * scores.TrueAccepts(1e-3):0.00} %");
        Console.WriteLine($"images a second   {scores.Images / took.TotalSeconds:0.0} on {Environment.ProcessorCount} cores");
        return 0;
    }
}
