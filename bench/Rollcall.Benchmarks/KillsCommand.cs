using System.Globalization;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Benchmarks.Pairs;

namespace Rollcall.Benchmarks;

/// <summary>Twenty kills unless another number is given; then the seed.</summary>
internal static class KillsCommand
{
    public static int Run(string[] args)
    {
        var kills = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20;
        var seed = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Random.Shared.Next();
        var folder = Directory.CreateTempSubdirectory("rollcall-kills-");
        Console.WriteLine($"{kills} kills, seed {seed}");
        try
        {
            var photographs = Lfw.Some(Material.Faces, 100);
            var report = new KillCampaign(folder.FullName, Material.Models, photographs, seed).RunAsync(kills).GetAwaiter().GetResult();
            Console.WriteLine(
                $"{report.Kills} kills ({report.KilledAtWork} with items open, {report.KilledInUpload} in an upload, {report.KilledAfterAccept} right after a 202): " +
                $"{report.Accepted} jobs accepted, {report.Jobs} found, {report.Items} items; {report.Complaints.Count} complaints");
            foreach (var complaint in report.Complaints) Console.WriteLine($"  {complaint}");
            return report.Complaints.Count == 0 ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
