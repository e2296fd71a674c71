using System.Globalization;
using Rollcall.Benchmarks.Campaigns;

namespace Rollcall.Benchmarks;

/// <summary>All of LFW, unless --people names another folder of folders.</summary>
internal static class EnrolCommand
{
    public static int Run(string[] args)
    {
        var people = Material.ValueOf(args, "--people") ?? Path.Combine(Material.Faces, "lfw");
        var folder = Directory.CreateTempSubdirectory("rollcall-enrol-");
        try
        {
            var report = new EnrolCampaign(folder.FullName, Material.Models, people).RunAsync(CancellationToken.None).GetAwaiter().GetResult();
            Console.WriteLine(report.Told.ToJsonString());
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"ended three times, {report.Took.TotalSeconds:0} s in all; {report.Jobs} jobs, {report.References} references; the command had {report.PeakBytes / 1e6:0} MB at most; {report.Complaints.Count} complaints"));
            foreach (var complaint in report.Complaints) Console.WriteLine($"  {complaint}");
            return report.Complaints.Count == 0 ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
