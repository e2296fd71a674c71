using System.Globalization;
using Rollcall.Benchmarks.Campaigns;

namespace Rollcall.Benchmarks;

/// <summary>Ten fixed draws through a real server: how many are enrolled, found again and mistaken.</summary>
internal static class DrawsCommand
{
    public static int Run(string[] args) => RunAsync(args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10).GetAwaiter().GetResult();

    private static async Task<int> RunAsync(int draws)
    {
        var folder = Directory.CreateTempSubdirectory("rollcall-draws-");
        try
        {
            await using var server = await ServerProcess.StartAsync(folder.FullName, Material.Models);
            using var http = new HttpClient { BaseAddress = server.Address };
            var customer = await Customer.RegisterAsync(server.Address);
            var campaign = new DrawCampaign(Material.Faces, customer, customer.At(http));
            var reports = new List<DrawReport>();
            for (var draw = 1; draw <= draws; draw++)
            {
                reports.Add(await campaign.RunAsync(draw));
                Print($"draw {draw,2}", reports[^1]);
            }

            Print("all    ", DrawReport.Sum(reports));
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Print(string name, DrawReport r) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name}  enrolled {r.EnrolledShare:P1}  found at the default threshold {r.FoundShare:P1}  rank 1 without one {r.FirstShare:P1}  strangers matched {r.MatchedShare:P1}"));
}
