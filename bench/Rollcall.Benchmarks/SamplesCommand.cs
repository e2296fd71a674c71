using Rollcall.Faces;

namespace Rollcall.Benchmarks;

/// <summary>What comes of each photograph under samples/.</summary>
internal static class SamplesCommand
{
    public static int Run(string[] args)
    {
        using var engine = Material.Engine(args);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Material.Faces, "samples"), "*", SearchOption.AllDirectories).Order())
        {
            var bytes = File.ReadAllBytes(file);
            var answer = engine.Analyze(bytes, new() { MultipleFaces = MultipleFacesRule.Largest });
            var faces = engine.Survey(bytes) is FaceSurvey.Read read
                ? string.Join("; ", read.Faces.Select(face =>
                    $"{face.DetectionScore:0.000} q {face.Quality.Score:0.00} [{string.Join(' ', face.Quality.Reasons)}]"))
                : ((FaceAnalysis.Unreadable)answer).Message;
            Console.WriteLine($"{Path.GetRelativePath(Material.Faces, file),-45} {answer.GetType().Name,-10} {faces}");
        }

        foreach (var file in Directory.EnumerateFiles(Path.Combine(Material.Faces, "samples", "single")).Order())
            Console.WriteLine($"{Path.GetFileName(file),-28} raw {engine.Examine(File.ReadAllBytes(file))?.Measures.Raw:0.000}");
        return 0;
    }
}
