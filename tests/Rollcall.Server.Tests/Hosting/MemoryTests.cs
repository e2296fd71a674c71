using Rollcall.Benchmarks.Campaigns;

namespace Rollcall.Server.Tests.Hosting;

public sealed class MemoryTests
{
    /// <summary>A short form of the benchmark "memory", which has twenty clients with a hundred photographs each.</summary>
    [Fact]
    public async Task Four_clients_with_large_photographs_at_once_leave_the_process_below_1_gb()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("reads the kernel's high-water mark from /proc");
        using var folder = new TestFolder();
        var photographs = Enumerable.Range(1, 5).Select(n => Assets.Lfw("Colin_Powell", n)).ToList();

        var report = await new MemoryCampaign(folder.Path, Assets.Models, photographs).RunAsync(clients: 4, photographsOfEach: 25);

        Assert.Equal(100, report.Photographs);
        Assert.InRange(report.Enrolled, 95, 100);
        Assert.InRange(report.AfterWork, 50_000_000, 1_000_000_000);
    }
}
