using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Faces.Models;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Batches;

public sealed class DryRunTests
{
    private static readonly string Rocket = Assets.Sample("nonface/rocket.jpg");

    public static TheoryData<string, int> Modes
    {
        get
        {
            var modes = new TheoryData<string, int>();
            foreach (var mode in Enum.GetValues<OnDuplicate>())
            {
                modes.Add(WireName.Of(mode), 1);
                modes.Add(WireName.Of(mode), 100);
            }

            return modes;
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task It_tells_what_would_happen_and_nothing_does_and_then_it_happens(string mode, int atOnce)
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["multiple_faces"] = "largest", ["min_quality"] = 0 });
        await tenant.SubmitAsync(BatchBody.Of(("old", Assets.Lfw("Colin_Powell", 1)), ("old", Assets.Lfw("Colin_Powell", 2))));
        await WorkAsync(host, 1);
        var stands = (await tenant.FacesAsync("old")).Select(face => face!["face_id"]!.GetValue<string>()).ToList();
        var before = await StateAsync(host);

        var told = await RunAsync(host, tenant, Body(mode).Field("dry_run", "true"), atOnce);

        Assert.Equal(before, await StateAsync(host));
        Assert.Empty(Blobs(host));
        Assert.True(told["dry_run"]!.GetValue<bool>());
        foreach (var item in told["results"]!.AsArray().Where(item => item!["success"]!.GetValue<bool>()))
        {
            if (item!["external_id"]!.GetValue<string>() == "old") Assert.Contains(item["face_id"]!.GetValue<string>(), stands);
            else Assert.Null(item["face_id"]);
        }

        var done = await RunAsync(host, tenant, Body(mode), atOnce);
        Assert.Equal(View(done), View(told));
        Assert.False(done.ContainsKey("dry_run"));
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task In_one_commit_with_a_job_that_enrols_the_same_person_it_changes_nothing_for_that_one()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["allow_identity_change"] = true });
        await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1))));
        await WorkAsync(host, 100);
        var real = IdOf(await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Tom_Ridge"))).Field("on_duplicate", "append")));
        var dry = IdOf(await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2)), ("q", Assets.Lfw("Colin_Powell", 2))).Field("dry_run", "true")));

        await WorkAsync(host, 100);

        Assert.Equal(["enrolled"], View(await tenant.PollAsync(real)).Select(item => item.End));
        Assert.Equal(["replaced", "enrolled"], View(await tenant.PollAsync(dry)).Select(item => item.End));
        Assert.Equal(2, (await tenant.FacesAsync("p")).Count);
        Assert.Equal(1, await host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM person", null, tx), CancellationToken.None));
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task Its_uploads_go_at_once_also_when_it_is_cancelled_or_fails_and_there_is_nothing_to_retry_or_undo()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var held = IdOf(await SubmitAsync());
        var item = Assert.Single((await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items);
        (await tenant.Key.PostAsync($"{Address(tenant, held)}/cancel", null)).Dispose();
        Assert.Single(Blobs(host)); // that which is worked on
        await host.Get<WorkQueue>().GiveBackAsync(item, TimeSpan.Zero, CancellationToken.None);
        Assert.Empty(Blobs(host));
        var failed = IdOf(await SubmitAsync());
        Assert.True(await host.Get<WorkQueue>().FailJobAsync(failed, "MODEL_MISMATCH", "Another pack.", CancellationToken.None));
        var finished = IdOf(await SubmitAsync());
        await WorkAsync(host, 100);

        Assert.Empty(Blobs(host));
        foreach (var job in new[] { held, failed, finished })
        {
            using var retry = await tenant.Key.PostAsync($"{Address(tenant, job)}/retry", null);
            Assert.Equal((HttpStatusCode.Conflict, "NOTHING_TO_RETRY"), (retry.StatusCode, await retry.ErrorCodeAsync()));
            using var undo = await tenant.Key.PostAsync($"{Address(tenant, job)}/undo", null);
            Assert.Equal("""{"restored":0,"removed":0,"left":[]}""", (await undo.JsonAsync())["data"]!.ToJsonString());
        }

        await JobBooks.CheckAsync(host.Get<Database>());

        Task<JsonObject> SubmitAsync() => tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("rocket", Rocket)).Field("dry_run", "true"));
    }

    [Fact]
    public async Task While_you_wait_it_is_the_same()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await tenant.Key.PostAsync(
            $"/api/v1/collections/{tenant.Collection}/faces/batch", BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))).Field("dry_run", "true").ToContent());

        var job = (await answer.JsonAsync())["data"]!.AsObject();
        Assert.Equal(["enrolled"], View(job).Select(item => item.End));
        Assert.True(job["dry_run"]!.GetValue<bool>());
        Assert.Null(job["results"]![0]!["face_id"]);
        Assert.Empty(await tenant.FacesAsync("p"));
    }

    /// <summary>Something for every rule: the same image, a new one, a stranger, no face; and of somebody new a picture twice and another.</summary>
    private static BatchBody Body(string mode) => BatchBody.Of(
        ("old", Assets.Lfw("Colin_Powell", 3)), ("old", Assets.Lfw("Colin_Powell", 1)), ("old", Assets.Lfw("George_W_Bush", 1)), ("old", Rocket),
        ("new", Assets.Lfw("George_W_Bush", 1)), ("new", Assets.Lfw("George_W_Bush", 1)), ("new", Assets.Lfw("George_W_Bush", 3))).Field("on_duplicate", mode);

    private static async Task<JsonObject> RunAsync(TestHost host, Tenant tenant, BatchBody body, int atOnce)
    {
        var job = IdOf(await tenant.SubmitAsync(body));
        await WorkAsync(host, atOnce);
        var ended = await tenant.PollAsync(job);
        JobInvariants.Check(ended);
        Assert.Equal("done", ended["status"]!.GetValue<string>());
        return ended;
    }

    private static async Task WorkAsync(TestHost host, int atOnce)
    {
        var queue = host.Get<WorkQueue>();
        while ((await queue.ClaimAsync("w", atOnce, handsFree: true, CancellationToken.None)).Items is { Count: > 0 } items)
        {
            var finished = new List<FinishedItem>();
            foreach (var item in items) finished.Add(new(item, await host.Get<ItemProcessor>().ProcessAsync(item, CancellationToken.None)));
            await queue.CompleteAsync(finished, ModelPack.Standard.Calibration, CancellationToken.None);
        }
    }

    private static List<(int Index, string End, string? Quality, string? Existing)> View(JsonObject job) =>
    [
        .. job["results"]!.AsArray().Select(item => (
            item!["index"]!.GetValue<int>(), $"{item["error"]?["code"] ?? item["outcome"]}", item["quality_score"]?.ToJsonString(), item["existing_quality_score"]?.ToJsonString())),
    ];

    /// <summary>All that is enrolled, and what search hears of.</summary>
    private static async Task<string> StateAsync(TestHost host) => string.Join('\n', await host.Get<Database>().ReadAsync(
        tx => tx.Connection!.QueryAsync<string>(
            """
            SELECT id || ' ' || state || ' ' || owner_seq || ' ' || change_seq || ' ' || COALESCE(superseded_by, '') FROM face
            UNION ALL SELECT num || ' ' || external_id FROM person
            UNION ALL SELECT change_seq || ' ' || face_count || ' ' || person_count FROM collection
            """,
            null,
            tx),
        CancellationToken.None));

    private static string Address(Tenant tenant, string job) => $"/api/v1/organizations/{tenant.Organization}/batch/{job}";

    private static string IdOf(JsonObject job) => job["job_id"]!.GetValue<string>();

    private static string[] Blobs(TestHost host) => Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories);
}
