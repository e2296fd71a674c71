using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Rollcall.Benchmarks.Pairs;
using Rollcall.Faces;
using Rollcall.Faces.Models;

namespace Rollcall.Benchmarks;

/// <summary>
/// New files for the built-in pack: measures them, copies them to where they belong and writes their hashes and figures into the
/// source. Thresholds come from people whom they were kept from, and accuracy from others of that kind.
/// </summary>
internal static class SealCommand
{
    public static int Run(string[] args)
    {
        if (args.Length == 0 || args[0].StartsWith('-'))
        {
            Console.Error.WriteLine("seal DIR [--threshold X]: DIR holds " + string.Join(" and ", ModelPack.Compact.Files.Select(file => file.Name)));
            return 1;
        }

        var from = args[0];
        using var engine = new FaceEngine(Material.Install([.. args[1..], "--pack", ModelPack.Compact.Id, "--from", from]));
        var folds = FoldFigures.Measure(Material.Faces, engine);
        var faces = CalibrateCommand.Examine(engine, HeldOut.Images(Material.Faces));
        var cosines = CalibrateCommand.Cosines(CosineCounts.Of([.. faces.Select(pair => (pair.Image.Person, pair.Face.Embedding))])).Where(point => point.Measured);
        var quality = faces.Select(pair => pair.Face.Measures.Raw).Order().ToArray();

        var models = Path.Combine(Here(), "..", "..", "src", "Rollcall.Faces", "Models");
        Directory.CreateDirectory(Path.Combine(models, "BuiltIn"));
        foreach (var file in ModelPack.Compact.Files)
            File.Copy(Path.Combine(from, file.Name), Path.Combine(models, "BuiltIn", file.Name), overwrite: true);
        var text = Text(from, engine.Pack.DetectionThreshold, folds, cosines, quality);
        File.WriteAllText(Path.Combine(models, "ModelPack.Compact.Figures.cs"), text);
        Console.Write(text);
        return 0;
    }

    private static string Text(
        string from, double threshold, FoldFigures folds, IEnumerable<(double Rate, double Cosine, bool Measured)> cosines, double[] quality) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        namespace Rollcall.Faces.Models;

        public sealed partial record ModelPack
        {
            /// <summary>Written by `Rollcall.Benchmarks seal` (training/README.md), which measured all of it; not to be edited.</summary>
            private static class CompactFigures
            {
                public const string DetectorSha256 = "{{Sha256(from, ModelRole.Detect)}}";
                public const long DetectorBytes = {{Bytes(from, ModelRole.Detect)}};
                public const string EmbedderSha256 = "{{Sha256(from, ModelRole.Embed)}}";
                public const long EmbedderBytes = {{Bytes(from, ModelRole.Embed)}};
                public const double DetectionThreshold = {{threshold:0.0###}};

                public const string Accuracy =
                    "On the folds 1 to 3 of LFW, which it was not trained on, it judges {{100 * folds.Accuracy:0.0}} % of the pairs rightly, and where 1 of 1,000 pairs "
                    + "of strangers passes it misses {{100 * folds.Missed:0.0}} % of the pairs of one person.";

                // calibrate --held-out: people whom the embedder was neither trained nor tested on. Beyond the last point the scale is extrapolated.
                public static FmrPoint[] Cosines =>
                [
        {{string.Join('\n', cosines.Select(point => string.Create(CultureInfo.InvariantCulture, $"            new({point.Rate:0.0###}, {point.Cosine:0.0000}),")))}}
                ];

                // The same people: the raw quality of the first and the fiftieth of a hundred faces.
                public static QualityPoint[] Qualities => [new(0, 0), new({{At(quality, 0.01):0.0000}}, 0.4), new({{At(quality, 0.5):0.0000}}, 0.8), new(1, 1)];
            }
        }

        """);

    private static double At(double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];

    private static string PathOf(string from, ModelRole role) => Path.Combine(from, ModelPack.Compact.Files.Single(file => file.Role == role).Name);

    private static long Bytes(string from, ModelRole role) => new FileInfo(PathOf(from, role)).Length;

    private static string Sha256(string from, ModelRole role) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(PathOf(from, role))));

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
