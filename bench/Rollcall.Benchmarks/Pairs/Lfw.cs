using System.Globalization;
using Rollcall.Faces;

namespace Rollcall.Benchmarks.Pairs;

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
    // At a false match rate of 1e-6 thirty pairs of LFW decide. Most of the closest ones are one person: two spellings of a
    // name, or a picture filed under the wrong one. Twins (Carolina and Isabela Moraes) are two people and stay.
    private static readonly (string, string)[] OnePerson =
    [
        ("Chyung_Dai-chul", "Dai_Chul_Chyung"),
        ("Cristina_Fernandez", "Cristina_Kirchner"),
        ("Diana_Taurasi", "Shavon_Earp"),
        ("Felipe_De_Borbon", "Prince_Felipe"),
        ("Gabrielle_Rose", "Martha_Bowen"),
        ("Hasan_Wirayuda", "Hassan_Wirajuda"),
        ("Joseph_Blatter", "Sepp_Blatter"),
        ("Mireya_Elisa_Moscoso_Rodriguez", "Mireya_Moscoso"),
        ("Nan_Wang", "Wang_Nan"),
        ("Odai_Hussein", "Uday_Hussein"),
    ];

    /// <summary>Whether two names that LFW files apart are one person's, or their pictures are mixed up.</summary>
    public static bool MayBeOne(string a, string b) => Array.IndexOf(OnePerson, string.CompareOrdinal(a, b) < 0 ? (a, b) : (b, a)) >= 0;

    public static List<LfwPair> Pairs(string root)
    {
        var lines = File.ReadAllLines(Path.Combine(root, "pairs.txt"));
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

    public static List<LfwImage> Images(string root) =>
    [
        .. from folder in Directory.EnumerateDirectories(Path.Combine(root, "lfw")).Order(StringComparer.Ordinal)
           from file in Directory.EnumerateFiles(folder, "*.jpg").Order(StringComparer.Ordinal)
           let name = Path.GetFileNameWithoutExtension(file)
           select new LfwImage(name[..^5], int.Parse(name[^4..], CultureInfo.InvariantCulture)),
    ];

    /// <summary>So many photographs from everywhere in it, always the same.</summary>
    public static List<string> Some(string root, int count) =>
        [.. Images(root).Where((_, i) => i % 97 == 0).Take(count).Select(image => image.PathUnder(root))];

    /// <summary>The centred face of each image (the person whom the file is named after) or its largest; null where there is none.</summary>
    public static FaceEngine.Examination?[] Examine(string root, FaceEngine engine, IReadOnlyList<LfwImage> images, bool largest = false)
    {
        var answers = new FaceEngine.Examination?[images.Count];
        Parallel.For(0, images.Count, i => answers[i] = engine.Examine(File.ReadAllBytes(images[i].PathUnder(root)), largest));
        return answers;
    }
}
