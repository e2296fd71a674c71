using Rollcall.Benchmarks.Requests;

namespace Rollcall.Server.Tests.Hosting;

public sealed class FuzzTests
{
    /// <summary>A short form of the benchmark "requests".</summary>
    [Fact]
    public async Task Mutated_forms_cursors_tokens_and_JSON_are_answered_with_a_code_of_the_contract_and_never_with_a_fault()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("reads the kernel's high-water mark from /proc");
        using var folder = new TestFolder();

        var report = await new RequestCampaign(folder.Path, Assets.Models, Assets.Lfw("Colin_Powell"), seed: 20261125).RunAsync(count: 4200, atOnce: 4);

        Assert.Empty(report.Complaints);
        Assert.All(report.Outcomes, target => Assert.True(target.Value.Count > 1, target.Key)); // all of one kind would mean that the mutations reach nothing
        Assert.InRange(report.PeakBytes, 50_000_000, 1_000_000_000);
    }
}
