using Rollcall.Benchmarks.Pairs;
using Rollcall.Faces;
using Rollcall.Faces.Models;

namespace Rollcall.Benchmarks;

/// <summary>What each stage costs, one thread: a photograph of LFW, and one of 12 megapixels.</summary>
internal static class StagesCommand
{
    public static int Run(string[] args)
    {
        var installed = Material.Install(args);
        var pack = installed.Pack;
        using var detector = new FaceDetector(new(installed.PathOf(ModelRole.Detect), 1, fixedShapes: false), pack.DetectionThreshold);
        using var embedder = new FaceEmbedder(new(installed.PathOf(ModelRole.Embed), 1, fixedShapes: true), pack.Dimensions);
        var aligner = new FaceAligner(pack.Embedder);
        using var judge = pack.QualityModel is { } input ? new QualityModel(new(installed.PathOf(ModelRole.Quality), 1, fixedShapes: true), input) : null;
        var assessor = new FaceAssessor(pack, judge);
        using var engine = new FaceEngine(installed);
        foreach (var (name, file) in new[]
        {
            ("LFW, 250×250", File.ReadAllBytes(new LfwImage("Aaron_Eckhart", 1).PathUnder(Material.Faces))),
            ("group, 1986×1545", File.ReadAllBytes(Path.Combine(Material.Faces, "samples", "group", "bald_guys.jpg"))),
        })
        {
            using var picture = ImageDecoder.Decode(file, out _)!;
            var face = detector.Detect(picture)[0];
            using var aligned = aligner.Align(picture, face);
            Console.WriteLine(name);
            Print("decode", () => ImageDecoder.Decode(file, out _)!.Dispose());
            Print("detect", () => detector.Detect(picture));
            Print("align", () => aligner.Align(picture, face).Dispose());
            Print("assess", () => assessor.Assess(picture, face, aligned));
            Print("embed", () => embedder.Embed(aligned));
            Print("all", () => engine.Analyze(file, new() { MultipleFaces = MultipleFacesRule.Largest, MinQuality = 0 }));
        }

        return 0;
    }

    private static void Print(string stage, Action action) => Console.WriteLine($"  {stage,-8} {Clock.Median(action, 101),8:0.000} ms");
}
