using Rollcall.Benchmarks.Campaigns;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Enrol;

/// <summary>The short form of what `Rollcall.Benchmarks enrol` does with all of LFW (docs/proofs.md).</summary>
public sealed class InterruptedTests
{
    private const int Count = 450;
    private const long MostMemory = 200_000_000;

    [Fact]
    public async Task A_run_that_is_ended_three_times_enrols_everybody_once()
    {
        using var folder = new TestFolder();
        var people = Path.Combine(folder.Path, "people");
        Photographs.Copy(Photographs.Of(Count), people);

        var report = await new EnrolCampaign(folder.Path, Assets.Models, people).RunAsync(TestContext.Current.CancellationToken);

        Assert.Empty(report.Complaints);
        Assert.Equal(Count, report.Told["photographs"]!.GetValue<int>());
        Assert.InRange(report.References, Count * 9 / 10, Count);
        Assert.InRange(report.PeakBytes, 1, MostMemory);
    }
}
