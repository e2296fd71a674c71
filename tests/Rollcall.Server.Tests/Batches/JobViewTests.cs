using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Faces.Models;
using Rollcall.Server.Enrolment;

namespace Rollcall.Server.Tests.Batches;

/// <summary>What anyone can read about a job at any moment.</summary>
public sealed class JobViewTests
{
    [Fact]
    public async Task Whoever_polls_however_often_sees_counters_that_add_up_and_never_go_back_and_results_that_only_grow()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var body = new BatchBody();
        for (var i = 0; i < 40; i++) body.Image($"p{i % 7}", i % 5 == 4 ? Pictures.Jpeg(120, 120 + i) : await File.ReadAllBytesAsync(Assets.Lfw("George_W_Bush", i + 1)));
        var accepted = await tenant.SubmitAsync(body.Field("multiple_faces", "largest").Field("min_quality", "0").Field("allow_identity_change", "true"));
        var job = accepted["job_id"]!.GetValue<string>();

        string[] views =
        [
            $"organizations/{tenant.Organization}/batch/{job}", $"collections/{tenant.Collection}/batch/{job}?wait=1",
            $"organizations/{tenant.Organization}/batch/{job}?results=false", $"organizations/{tenant.Organization}/batch",
        ];
        var seen = await Task.WhenAll(views.Select(view => WatchAsync(tenant, view)));

        Assert.All(seen, answers => Assert.True(answers > 1));

        static async Task<int> WatchAsync(Tenant tenant, string view)
        {
            var (answers, counters, results) = (0, (0, 0, 0), new SortedDictionary<int, string>());
            while (true)
            {
                var answer = await tenant.GetAsync($"/api/v1/{view}");
                var now = answer["jobs"]?[0]?.AsObject() ?? answer;
                answers++;
                JobInvariants.Check(now);
                var next = (Int(now, "processed"), Int(now, "succeeded"), Int(now, "failed"));
                Assert.True(next.Item1 >= counters.Item1 && next.Item2 >= counters.Item2 && next.Item3 >= counters.Item3, $"{counters} became {next}");
                counters = next;
                foreach (var item in now["results"]?.AsArray() ?? [])
                {
                    // What is final stays as it is, and stays.
                    var text = item!.ToJsonString();
                    Assert.Equal(results.GetValueOrDefault(Int(item, "index"), text), text);
                    results[Int(item, "index")] = text;
                }

                if (now["results"] is JsonArray all) Assert.Equal(results.Count, all.Count);
                if (now["status"]!.GetValue<string>() == "done") return answers;
            }
        }
    }

    [Fact]
    public async Task Results_grow_in_the_order_of_the_index_whatever_order_the_items_end_in()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = await SubmitAsync(tenant, 3);
        var items = (await host.Get<WorkQueue>().ClaimAsync("w", 3, handsFree: true, CancellationToken.None)).Items;

        var seen = new List<string>();
        foreach (var i in new[] { 2, 0, 1 })
        {
            await EndAsync(host, items[i], i == 0);
            var now = await tenant.PollAsync(job);
            JobInvariants.Check(now);
            seen.Add($"{now["status"]} {string.Join(',', now["results"]!.AsArray().Select(item => Int(item!, "index")))}");
        }

        Assert.Equal(["processing 2", "processing 0,2", "done 0,1,2"], seen);
        Assert.Equal([0], (await tenant.PollAsync(job, "?results=failed"))["results"]!.AsArray().Select(item => Int(item!, "index")));
        Assert.Equal((3, 2, 1), (Int(await tenant.PollAsync(job, "?results=false"), "processed"), Int(await tenant.PollAsync(job), "succeeded"), Int(await tenant.PollAsync(job), "failed")));
    }

    [Fact]
    public async Task A_waiting_poll_with_a_tag_that_is_not_the_jobs_any_more_answers_at_once()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56)); // it never moves, so a wait would never end
        await using var host = await TestHost.StartAsync(time, customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = await SubmitAsync(tenant, 1);
        using var queued = await GetAsync(tenant, job, "?results=failed", null);
        var item = (await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items.Single();

        using var news = await GetAsync(tenant, job, "?results=failed&wait=60", queued.Headers.ETag);

        Assert.Equal(HttpStatusCode.OK, news.StatusCode);
        Assert.Equal("processing", (await news.JsonAsync())["data"]!["status"]!.GetValue<string>());
        await EndAsync(host, item, fails: true);
        using var end = await GetAsync(tenant, job, "?results=failed&wait=60", news.Headers.ETag);
        Assert.Equal("done", (await end.JsonAsync())["data"]!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_list_is_filtered_by_status_collection_and_time_and_a_page_stays_put_under_inserts()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var jobs = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            jobs.Add(await SubmitAsync(tenant, 1));
            time.Advance(TimeSpan.FromMinutes(1));
        }

        // The first is done, the second is being worked on, the third and the fourth wait.
        var items = (await host.Get<WorkQueue>().ClaimAsync("w", 2, handsFree: true, CancellationToken.None)).Items;
        await EndAsync(host, items[0], fails: true);
        var other = await tenant.CreateCollectionAsync();
        using var elsewhere = await tenant.Key.PostAsync($"/api/v1/collections/{other}/faces/batch-async", new BatchBody().Image("a", Pictures.Jpeg(120, 120)).ToContent());
        var fifth = (await elsewhere.JsonAsync())["data"]!["job_id"]!.GetValue<string>();
        time.Advance(TimeSpan.FromMinutes(1)); // ids sort by the millisecond

        Assert.Equal([jobs[0]], await ListAsync("?status=done"));
        Assert.Equal([jobs[1]], await ListAsync("?status=processing"));
        Assert.Equal([fifth, jobs[3], jobs[2]], await ListAsync("?status=queued"));
        Assert.Empty(await ListAsync("?status=failed"));
        Assert.Equal([fifth], await ListAsync($"?collection_id={other}"));
        Assert.Equal([jobs[3], jobs[2]], await ListAsync($"?status=queued&collection_id={tenant.Collection}"));
        Assert.Equal([fifth, jobs[3], jobs[2]], await ListAsync($"?created_after={At(1)}")); // the moment itself is not after it
        Assert.Equal([jobs[0]], await ListAsync($"?created_before={At(1)}"));
        Assert.Equal([jobs[2]], await ListAsync($"?created_after={At(1)}&created_before={At(3)}"));

        var page = await PageAsync("?status=queued&limit=1");
        await SubmitAsync(tenant, 1);
        Assert.Equal([jobs[3]], await ListAsync($"?status=queued&limit=1&cursor={page["next_cursor"]}"));

        string At(int minute) => Uri.EscapeDataString(DateTimeOffset.UnixEpoch.AddYears(56).AddMinutes(minute).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        Task<JsonObject> PageAsync(string query) => tenant.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch{query}");
        async Task<IEnumerable<string>> ListAsync(string query) => (await PageAsync(query))["jobs"]!.AsArray().Select(job => job!["job_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_small_tenants_job_ends_while_a_large_ones_import_is_still_going_on()
    {
        await using var host = await TestHost.StartAsync(args: "--Queue:Concurrency=2");
        var (large, small) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        var import = new List<string>();
        for (var i = 0; i < 10; i++) import.Add(await SubmitAsync(large, 100));

        await small.EndOfAsync(await SubmitAsync(small, 1));

        Assert.NotEqual("done", (await large.PollAsync(import[^1], "?results=false"))["status"]!.GetValue<string>());
        Assert.Equal("done", (await large.EndOfAsync(import[^1]))["status"]!.GetValue<string>());
    }

    private static async Task<string> SubmitAsync(Tenant tenant, int images)
    {
        var photo = Pictures.Jpeg(640, 480);
        var body = Enumerable.Range(0, images).Aggregate(new BatchBody(), (body, i) => body.Image($"p{i}", photo));
        return (await tenant.SubmitAsync(body))["job_id"]!.GetValue<string>();
    }

    private static Task EndAsync(TestHost host, ClaimedItem item, bool fails)
    {
        var vector = new float[ModelPack.Standard.Dimensions];
        vector[0] = 1;
        ItemResult result = fails ? new ItemResult.Failed(ErrorCodes.FaceNotDetected, "") : new ItemResult.Embedded(new FaceBox(0, 0, 1, 1), 0.8, vector);
        return host.Get<WorkQueue>().CompleteAsync([new FinishedItem(item, result)], ModelPack.Standard.Calibration, CancellationToken.None);
    }

    private static Task<HttpResponseMessage> GetAsync(Tenant tenant, string job, string query, EntityTagHeaderValue? known)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/organizations/{tenant.Organization}/batch/{job}{query}");
        if (known is not null) request.Headers.IfNoneMatch.Add(known);
        return tenant.Key.SendAsync(request);
    }

    private static int Int(JsonNode node, string name) => node[name]!.GetValue<int>();
}
