using System.Text;

namespace Rollcall.Benchmarks.Pairs;

/// <summary>
/// The people whom the compact pack's embedder neither learns from nor is tested on, for its thresholds: those of the fourth fold of the
/// pair list, and of those with a single photograph and in no pair an eighth, by a checksum of the name. training/embedder/people.py leaves out the same.
/// </summary>
internal static class HeldOut
{
    private const int Fold = 3; // counted from 0
    private const uint Parts = 8;

    /// <summary>The fourth fold's images in the pair list, and the one image of each of the others.</summary>
    public static List<LfwImage> Images(string root)
    {
        var pairs = Lfw.Pairs(root);
        var named = pairs.SelectMany(pair => new[] { pair.A.Person, pair.B.Person }).ToHashSet(StringComparer.Ordinal);
        var single = Lfw.Images(root).GroupBy(image => image.Person).Where(person => person.Count() == 1 && !named.Contains(person.Key))
            .Select(person => person.Single()).Where(image => Crc32(image.Person) % Parts == 0);
        return [.. pairs.Where(pair => pair.Fold == Fold).SelectMany(pair => new[] { pair.A, pair.B }).Distinct(), .. single];
    }

    /// <summary>IEEE's, of the UTF-8 text: zlib's crc32.</summary>
    internal static uint Crc32(string text)
    {
        var crc = uint.MaxValue;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            crc ^= octet;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0xEDB88320);
        }

        return ~crc;
    }
}
