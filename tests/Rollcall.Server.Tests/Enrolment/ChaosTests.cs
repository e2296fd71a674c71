using Rollcall.Benchmarks.Campaigns;

namespace Rollcall.Server.Tests.Enrolment;

public sealed class ChaosTests
{
    private const int AllFaults = 6; // the clock can jump two ways

    /// <summary>A short form of the benchmark "chaos", which goes on for ten minutes.</summary>
    [Fact]
    public async Task Killed_paused_on_a_full_disk_and_under_a_clock_that_jumps_it_keeps_its_promises()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("sends signals as Linux and macOS have them");
        var photographs = Directory.EnumerateDirectories(Path.Combine(Assets.Faces, "lfw"), "A*").Order(StringComparer.Ordinal)
            .Select(person => Directory.EnumerateFiles(person).Order(StringComparer.Ordinal).First()).Take(60).ToList();
        using var folder = new TestFolder();
        var output = TestContext.Current.TestOutputHelper!;

        var report = await new ChaosCampaign(folder.Path, Assets.Models, photographs, seed: 20261125, output.WriteLine, pace: 0.5).RunAsync(TimeSpan.Zero);

        foreach (var missing in report.Missing) output.WriteLine($"left out: {missing}");
        Assert.Empty(report.Complaints);
        Assert.Equal(AllFaults, report.Faults.Count + report.Missing.Sum(missing => missing.Contains("clock", StringComparison.Ordinal) ? 2 : 1));
        Assert.InRange(report.Jobs, 3, 1000);
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Empty(report.Missing);
    }
}
