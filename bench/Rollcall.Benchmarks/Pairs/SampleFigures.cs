using Rollcall.Faces;

namespace Rollcall.Benchmarks.Pairs;

/// <summary>How a pack's detector does where there are many faces, and where there is none.</summary>
internal static class SampleFigures
{
    private const double SameFace = 0.5;

    /// <summary>Of the faces that the reference finds in group photographs: how many there are, and how many of them the other one finds, too.</summary>
    public static (int Reference, int Found) Groups(string root, FaceEngine reference, FaceEngine engine)
    {
        var (all, found) = (0, 0);
        foreach (var file in Files(root, "group"))
        {
            var bytes = File.ReadAllBytes(file);
            var (expected, there) = (Boxes(reference, bytes), Boxes(engine, bytes));
            all += expected.Count;
            foreach (var box in expected)
            {
                // Each of the found ones stands for one face at most.
                if (there.Count == 0 || there.MaxBy(other => Overlap(box, other)) is var nearest && Overlap(box, nearest) < SameFace)
                    continue;
                there.Remove(nearest);
                found++;
            }
        }

        return (all, found);
    }

    /// <summary>The pictures without a face in which one is found.</summary>
    public static IReadOnlyList<string> FalseFaces(string root, FaceEngine engine) =>
        [.. Files(root, "nonface").Where(file => Boxes(engine, File.ReadAllBytes(file)).Count > 0).Select(file => Path.GetFileName(file))];

    private static IEnumerable<string> Files(string root, string folder) => Directory.EnumerateFiles(Path.Combine(root, "samples", folder)).Order();

    private static List<FaceBox> Boxes(FaceEngine engine, byte[] file) =>
        engine.Survey(file) is FaceSurvey.Read read ? [.. read.Faces.Select(face => face.Box)] : [];

    private static double Overlap(FaceBox one, FaceBox other)
    {
        var width = Math.Min(one.X + one.Width, other.X + other.Width) - Math.Max(one.X, other.X);
        var height = Math.Min(one.Y + one.Height, other.Y + other.Height) - Math.Max(one.Y, other.Y);
        if (width <= 0 || height <= 0)
            return 0;
        var shared = width * height;
        return shared / ((one.Width * one.Height) + (other.Width * other.Height) - shared);
    }
}
