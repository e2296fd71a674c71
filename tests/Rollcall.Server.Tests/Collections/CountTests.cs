using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Faces;
using Rollcall.Faces.Models;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Faces;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Collections;

public sealed class CountTests
{
    private static readonly string[] Modes = ["replace", "replace_if_better", "append", "skip", "reject"];

    /// <summary>Whatever happens in whatever order: the counts are those of the rows that stand, and the index holds as many.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_counts_are_exact_after_every_completion_erasure_replacement_and_sweep(int seed)
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: ByHand);
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["retention_days"] = 2, ["identity_guard"] = 0, ["keep_images"] = true });
        var (random, done) = (new Random(seed), new HashSet<string>());
        for (var step = 0; step < 40; step++)
        {
            time.Advance(TimeSpan.FromHours(random.Next(6)));
            var kind = await StepAsync(host, tenant, random);
            done.Add(kind);

            var (faces, persons, kept, uncounted) = await CountAsync(host);
            var collection = await tenant.GetAsync($"/api/v1/collections/{tenant.Collection}");
            Assert.True((faces, persons) == (Long(collection, "face_count"), Long(collection, "person_count")), $"step {step}: {kind}");
            Assert.Equal(kept, Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories).Length);
            Assert.True(uncounted == 0, $"step {step}: {kind} leaves {uncounted} stored bytes uncounted");
            if (step % 10 == 9)
                Assert.Equal(faces, Long(await tenant.IdentifyAsync(Assets.Lfw("Tom_Ridge")), "searched"));
        }

        Assert.Equal(5, done.Count);
    }

    private static void ByHand(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder)
    {
        TestHost.WithoutWorker(builder);
        TestHost.WithoutSweeps(builder);
    }

    private static async Task<string> StepAsync(TestHost host, Tenant tenant, Random random)
    {
        switch (random.Next(10))
        {
            case < 6:
                var body = new BatchBody();
                for (var i = 0; i <= random.Next(3); i++)
                    body.Image($"p{random.Next(4)}", Batches.Pictures.Jpeg(120 + random.Next(12), 120));
                await tenant.SubmitAsync(body.Field("on_duplicate", Modes[random.Next(Modes.Length)]));
                await CompleteAsync(host, random);
                return "enrol";
            case 6:
                using (await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=p{random.Next(4)}"))
                    return "erase";
            case 7:
                if ((await tenant.FacesAsync($"p{random.Next(4)}")) is [{ } face, ..])
                {
                    using var deleted = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces/{face["face_id"]}");
                    Assert.True(deleted.IsSuccessStatusCode);
                }

                return "delete";
            case 8:
                await host.Get<FaceRetention>().SweepAsync(CancellationToken.None);
                return "age";
            default:
                await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);
                return "purge";
        }
    }

    /// <summary>Completes what waits with faces made up on the spot; a few fail.</summary>
    private static async Task CompleteAsync(TestHost host, Random random)
    {
        var queue = host.Get<WorkQueue>();
        while ((await queue.ClaimAsync("w", 100, handsFree: true, CancellationToken.None)).Items is { Count: > 0 } items)
        {
            var finished = items.Select(item => new FinishedItem(item, ResultOf(item, random))).ToList();
            await queue.CompleteAsync(finished, ModelPack.Standard.Calibration, CancellationToken.None);
        }
    }

    private static ItemResult ResultOf(ClaimedItem item, Random random)
    {
        if (!item.Decode && random.Next(3) == 0) return new ItemResult.NotDecoded();

        var vector = new float[128];
        vector[random.Next(128)] = 1;
        return new ItemResult.Embedded(new FaceBox(0.1, 0.1, 0.5, 0.5), random.NextDouble(), vector);
    }

    private static Task<(long Faces, long Persons, long Kept, long Uncounted)> CountAsync(TestHost host) => host.Get<Database>().ReadAsync(
        tx => tx.Connection!.QuerySingleAsync<(long, long, long, long)>(
            """
            SELECT COUNT(CASE WHEN state = 0 THEN 1 END), COUNT(DISTINCT CASE WHEN state = 0 THEN person_num END),
              COUNT(image) + (SELECT COUNT(blob) FROM job_item),
              COALESCE(SUM(image_bytes), 0) + (SELECT COALESCE(SUM(blob_bytes), 0) FROM job_item WHERE blob IS NOT NULL) - (SELECT stored_bytes FROM organization)
            FROM face
            """,
            null,
            tx),
        CancellationToken.None);

    private static long Long(JsonObject json, string name) => json[name]!.GetValue<long>();
}
