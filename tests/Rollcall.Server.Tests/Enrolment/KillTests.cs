using Rollcall.Benchmarks.Campaigns;

namespace Rollcall.Server.Tests.Enrolment;

public sealed class KillTests
{
    [Fact]
    public async Task Killed_five_times_no_accepted_item_is_lost_enrolled_twice_or_failed()
    {
        var photographs = Directory.EnumerateDirectories(Path.Combine(Assets.Faces, "lfw"), "A*").Order(StringComparer.Ordinal)
            .Select(person => Directory.EnumerateFiles(person).Order(StringComparer.Ordinal).First()).Take(60).ToList();
        using var folder = new TestFolder();

        var report = await new KillCampaign(folder.Path, Assets.Models, photographs, seed: 20261124).RunAsync(kills: 5);

        Assert.Empty(report.Complaints);
        Assert.InRange(report.Accepted, 5, report.Jobs);
        Assert.InRange(report.KilledAtWork, 2, 5);
    }
}
