using Rollcall.Benchmarks.Pairs;
using Rollcall.Faces.Models;

namespace Rollcall.Benchmarks;

/// <summary>
/// What the default identity guard does to LFW's 6,000 pairs, for each pack that is there. Fails where it refuses more than
/// 1 % of the pairs of one person, or less than 98 % of the strangers.
/// </summary>
internal static class IdentityGuardCommand
{
    public static int Run(string[] args)
    {
        var verdict = 0;
        foreach (var pack in args.Contains("--pack") ? [Material.PackOf(args)] : new[] { ModelPack.Standard.Id, ModelPack.Retail.Id })
        {
            using var engine = Material.Engine(pack);
            var (genuine, strangers) = PairScores.Measure(Material.Faces, engine).Refused(engine.Pack.Calibration);
            var kept = genuine <= PairScores.MostGenuineRefused && strangers >= PairScores.LeastStrangersRefused;
            Console.WriteLine(
                $"{pack,-10} guard {engine.Pack.Calibration.IdentityGuard:0.0000} (cosine {engine.Pack.Calibration.CosineAtFmr(1e-2):0.0000}): "
                + $"refuses {100 * genuine:0.00} % of one person, {100 * strangers:0.00} % of strangers: {(kept ? "kept" : "MISSED")}");
            verdict |= kept ? 0 : 1;
        }

        return verdict;
    }
}
