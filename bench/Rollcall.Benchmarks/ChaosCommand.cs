using System.Globalization;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Benchmarks.Pairs;

namespace Rollcall.Benchmarks;

/// <summary>Ten minutes unless <c>--minutes</c> says otherwise; fails when there is a complaint.</summary>
internal static class ChaosCommand
{
    public static int Run(string[] args)
    {
        var minutes = double.Parse(Material.ValueOf(args, "--minutes") ?? "10", CultureInfo.InvariantCulture);
        var seed = Material.SeedOf(args);
        var folder = Directory.CreateTempSubdirectory("rollcall-chaos-");
        Console.WriteLine($"{minutes} minutes, seed {seed}");
        try
        {
            var campaign = new ChaosCampaign(folder.FullName, Material.Models, Lfw.Some(Material.Faces, 100), seed, Console.WriteLine);
            var report = campaign.RunAsync(TimeSpan.FromMinutes(minutes)).GetAwaiter().GetResult();
            foreach (var (fault, times) in report.Faults) Console.WriteLine($"{times,5} × {fault}");
            foreach (var missing in report.Missing) Console.WriteLine($"left out: {missing}");
            Console.WriteLine(
                $"{report.Starts} starts ({report.FailedStarts} more refused while storage took no writes); {report.Jobs} jobs with {report.Items} photographs, {report.Singles} enrolled singly, " +
                $"{report.Probes} identifications; {report.Lost} answers lost, {report.Busy} that said to come again; {report.Complaints.Count} complaints");
            foreach (var complaint in report.Complaints) Console.WriteLine($"  {complaint}");
            return report.Complaints.Count == 0 ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
