using System.Globalization;
using Rollcall.Faces;

namespace Rollcall.Benchmarks;

/// <summary>One image of Labeled Faces in the Wild.</summary>
internal sealed record LfwImage(string Person, int Number)
{
    public string PathUnder(string root) =>
        Path.Combine(root, "lfw", Person, string.Create(CultureInfo.InvariantCulture, $"{Person}_{Number:0000}.jpg"));
}

/// <summary>One pair of the standard list, in fold 0 to 9.</summary>
internal sealed record LfwPair(LfwImage A, LfwImage B, bool Same, int Fold);

/// <summary>Labeled Faces in the Wild: its lists and what the engine makes of its images.</summary>
internal static class Lfw
{
    public static List<LfwPair> Pairs()
    {
        var lines = File.ReadAllLines(Path.Combine(Material.Faces, "pairs.txt"));
        var header = lines[0].Split('\t');
        var eachKind = int.Parse(header[^1], CultureInfo.InvariantCulture);
        var pairs = new List<LfwPair>();
        foreach (var line in lines.Skip(1).Where(line => line.Length > 0))
        {
            var part = line.Split('\t');
            int Number(int i) => int.Parse(part[i], CultureInfo.InvariantCulture);
            var fold = pairs.Count / (2 * eachKind);
            pairs.Add(part.Length == 3
                ? new(new(part[0], Number(1)), new(part[0], Number(2)), true, fold)
                : new(new(part[0], Number(1)), new(part[2], Number(3)), false, fold));
        }

        return pairs;
    }

    public static List<LfwImage> Images() =>
    [
        .. from folder in Directory.EnumerateDirectories(Path.Combine(Material.Faces, "lfw")).Order(StringComparer.Ordinal)
           from file in Directory.EnumerateFiles(folder, "*.jpg").Order(StringComparer.Ordinal)
           let name = Path.GetFileNameWithoutExtension(file)
           select new LfwImage(name[..^5], int.Parse(name[^4..], CultureInfo.InvariantCulture)),
    ];

    /// <summary>The analysis of each image, the largest face of each, without a quality gate.</summary>
    public static FaceAnalysis[] Analyze(FaceEngine engine, IReadOnlyList<LfwImage> images)
    {
        var answers = new FaceAnalysis[images.Count];
        var options = new AnalysisOptions { MultipleFaces = MultipleFacesRule.Largest, MinQuality = 0 };
        Parallel.For(0, images.Count, i => answers[i] = engine.Analyze(File.ReadAllBytes(images[i].PathUnder(Material.Faces)), options));
        return answers;
    }
}
