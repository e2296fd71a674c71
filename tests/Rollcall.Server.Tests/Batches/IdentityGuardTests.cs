using System.Text.Json.Nodes;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Tests.Batches;

/// <summary>The guard against a wrong face, with real faces: by default, as the collection sets it, and put aside.</summary>
public sealed class IdentityGuardTests
{
    [Theory]
    [InlineData(null, false, "IDENTITY_MISMATCH")]
    [InlineData(null, true, "replaced")]
    [InlineData(0.0, false, "replaced")]
    [InlineData(1.0, true, "replaced")]
    public async Task A_stranger_does_not_take_a_persons_place_unless_that_is_allowed(double? guard, bool allow, string outcome)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, guard is null ? null : new JsonObject { ["identity_guard"] = guard });
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))));

        var job = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Tom_Ridge"))).Field("allow_identity_change", allow ? "true" : "false"));

        var item = job["results"]![0]!;
        Assert.Equal(outcome, $"{item["error"]?["code"] ?? item["outcome"]}");
        if (outcome == "IDENTITY_MISMATCH") Assert.InRange(item["error"]!["details"]!["similarity"]!.GetValue<double>(), 0, 0.4);
    }

    [Fact]
    public async Task The_default_is_the_score_at_a_false_match_rate_of_one_in_a_hundred()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.SubmitAsync(new BatchBody().Image("p", Pictures.Jpeg(120, 120)));

        var item = Assert.Single((await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items);

        var calibration = host.Get<FaceModels>().Engine.Pack.Calibration;
        Assert.Equal(calibration.ToSimilarity(calibration.CosineAtFmr(0.01)), item.JobOptions.IdentityGuard);
    }

    [Fact]
    public async Task Another_photograph_of_the_person_passes_it_and_not_one_set_to_certainty()
    {
        await using var host = await TestHost.StartAsync();
        foreach (var (guard, outcome) in new[] { (null, "replaced"), ((double?)1.0, "IDENTITY_MISMATCH") })
        {
            var tenant = await Tenant.CreateAsync(host.Address, guard is null ? null : new JsonObject { ["identity_guard"] = guard });
            await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1))));

            var item = (await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2)))))["results"]![0]!;

            Assert.Equal(outcome, $"{item["error"]?["code"] ?? item["outcome"]}");
        }
    }
}
