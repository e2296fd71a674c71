using System.Globalization;
using Rollcall.Benchmarks.Hostile;

namespace Rollcall.Benchmarks;

/// <summary>
/// 100,000 pictures unless <c>--count</c> says otherwise, from number <c>--first</c> on; fails when one did harm.
/// <c>--only N --save FILE</c> writes the N-th one of a seed.
/// </summary>
internal static class ImagesCommand
{
    public static int Run(string[] args)
    {
        var pack = Material.PackOf(args);
        if (PictureShare.Of(args) is { } share)
        {
            using var engine = Material.Engine(pack);
            return PictureChild.Run(share, engine);
        }

        var seed = Material.SeedOf(args);
        if (Material.ValueOf(args, "--only") is { } only)
        {
            var picture = new PictureMutator(PictureCorpus.Read(Material.Faces), seed).Make(int.Parse(only, CultureInfo.InvariantCulture));
            File.WriteAllBytes(Material.ValueOf(args, "--save") ?? $"{only}.bin", picture.File);
            Console.WriteLine($"{picture.Format}, {picture.File.Length} bytes");
            return 0;
        }

        var first = int.Parse(Material.ValueOf(args, "--first") ?? "0", CultureInfo.InvariantCulture);
        var count = int.Parse(Material.ValueOf(args, "--count") ?? "100000", CultureInfo.InvariantCulture);
        var children = int.Parse(Material.ValueOf(args, "--children") ?? Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        Console.WriteLine($"pictures {first} to {first + count - 1}, seed {seed}, pack {pack}, {children} children");
        var start = TimeProvider.System.GetTimestamp();
        var report = new PictureCampaign(pack, seed).RunAsync(first, count, children).GetAwaiter().GetResult();
        Print(report);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Done} done in {TimeProvider.System.GetElapsedTime(start).TotalSeconds:F0} s; the slowest took {report.Slowest.Milliseconds:F0} ms (picture {report.Slowest.Number}), " +
            $"the largest resident set was {report.PeakBytes / 1_000_000} MB of {PictureCampaign.MemoryLimit / 1_000_000}; {report.Complaints.Count} complaints"));
        foreach (var complaint in report.Complaints) Console.WriteLine($"  {complaint}");
        return report.Complaints.Count == 0 && report.Done == count ? 0 : 1;
    }

    private static void Print(PictureReport report)
    {
        var columns = report.Outcomes.Values.SelectMany(row => row.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        Console.WriteLine($"{"",-17}{string.Concat(columns.Select(column => $"{column,19}"))}");
        foreach (var (format, row) in report.Outcomes)
            Console.WriteLine($"{format,-17}{string.Concat(columns.Select(column => $"{row.GetValueOrDefault(column),19}"))}");
    }
}
