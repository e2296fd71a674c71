using Rollcall.Benchmarks.Campaigns;

namespace Rollcall.Server.Tests.Recognition;

public sealed class DrawTests
{
    [Fact]
    public async Task A_hundred_people_are_enrolled_and_found_again_and_strangers_are_not()
    {
        await using var host = await TestHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.Address };
        var customer = await Customer.RegisterAsync(host.Address);
        var campaign = new DrawCampaign(Assets.Faces, customer, customer.At(http));

        var all = DrawReport.Sum([await campaign.RunAsync(1), await campaign.RunAsync(2)]);

        TestContext.Current.TestOutputHelper!.WriteLine(all.ToString());
        Assert.InRange(all.EnrolledShare, 0.98, 1);
        Assert.InRange(all.FoundShare, 0.90, 1);
        Assert.InRange(all.FirstShare, 0.96, 1);
        Assert.InRange(all.MatchedShare, 0, 0.02);
    }
}
