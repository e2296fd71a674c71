using System.Globalization;
using Rollcall.Benchmarks.Pairs;
using Rollcall.Benchmarks.Requests;

namespace Rollcall.Benchmarks;

/// <summary>20,000 requests unless <c>--count</c> says otherwise; fails when there is a complaint.</summary>
internal static class RequestsCommand
{
    private const int AtOnce = 8;

    public static int Run(string[] args)
    {
        var count = int.Parse(Material.ValueOf(args, "--count") ?? "20000", CultureInfo.InvariantCulture);
        var seed = Material.SeedOf(args);
        var folder = Directory.CreateTempSubdirectory("rollcall-requests-");
        Console.WriteLine($"{count} requests, seed {seed}");
        try
        {
            var start = TimeProvider.System.GetTimestamp();
            var report = new RequestCampaign(folder.FullName, Material.Models, Lfw.Some(Material.Faces, 1)[0], seed).RunAsync(count, AtOnce).GetAwaiter().GetResult();
            foreach (var (target, row) in report.Outcomes.OrderBy(outcome => outcome.Key, StringComparer.Ordinal))
                Console.WriteLine($"{target,-18}{string.Concat(row.Select(outcome => $"{outcome.Key,6}: {outcome.Value,-6}"))}");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{TimeProvider.System.GetElapsedTime(start).TotalSeconds:F0} s; the server's largest resident set was {report.PeakBytes / 1_000_000} MB; {report.Complaints.Count} complaints"));
            foreach (var complaint in report.Complaints) Console.WriteLine($"  {complaint}");
            return report.Complaints.Count == 0 ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
