using System.Globalization;
using Rollcall.Benchmarks.Campaigns;

namespace Rollcall.Benchmarks;

/// <summary>Fifty thousand files unless another number is given.</summary>
internal static class SyncCommand
{
    public static int Run(string[] args)
    {
        var files = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 50_000;
        var folder = Directory.CreateTempSubdirectory("rollcall-sync-");
        try
        {
            var report = new SyncCampaign(folder.FullName, files).RunAsync().GetAwaiter().GetResult();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{files:N0} files, {2 * files:N0} references: {report.First.TotalSeconds:0.0} s, and {report.Again.TotalSeconds:0.0} s when no file had to be read; {report.PeakBytes / 1e6:0} MB at most"));
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
