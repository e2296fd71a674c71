using System.Globalization;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Benchmarks.Pairs;

namespace Rollcall.Benchmarks;

/// <summary>Twenty clients with a hundred photographs each, unless other numbers are given; fails above the limit.</summary>
internal static class MemoryCommand
{
    public const long Limit = 1_000_000_000;

    public static int Run(string[] args)
    {
        var clients = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20;
        var each = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100;
        var folder = Directory.CreateTempSubdirectory("rollcall-memory-");
        try
        {
            var report = new MemoryCampaign(folder.FullName, Material.Models, Lfw.Some(Material.Faces, each)).RunAsync(clients, each).GetAwaiter().GetResult();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{clients} clients, {each} photographs of 2 MB each: {report.Enrolled} of {report.Photographs} enrolled; largest resident set, " +
                $"as a share of 1 GB: {Share(report.AfterStart):P0} after the start, {Share(report.AfterUpload):P0} after the uploads, {Share(report.AfterWork):P0} after the work"));
            return report.AfterWork <= Limit ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Share(long bytes) => (double)bytes / Limit;
}
