using System.Net;
using Rollcall.Client;
using Rollcall.Faces.Models;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;

namespace Rollcall.Server.Tests.Batches;

/// <summary>What a job's events tell, and that nothing is lost or told twice wherever a caller goes on.</summary>
public sealed class EventTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_item_is_told_once_as_results_have_it_and_before_the_progress_that_counts_it_and_done_comes_last(bool inCollection)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(Four().Image("nobody", await File.ReadAllBytesAsync(Assets.Sample("nonface/rocket.jpg")))))["job_id"]!.GetValue<string>();

        using var reader = await EventReader.OpenAsync(inCollection ? tenant.Key : tenant.Bearer, Address(tenant, job, inCollection));
        var told = await reader.RestAsync();

        Assert.Equal("text/event-stream", reader.Answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-store", reader.Answer.Headers.CacheControl!.ToString());
        Assert.Equal("no", reader.Answer.Headers.GetValues("X-Accel-Buffering").Single());
        var results = (await tenant.PollAsync(job))["results"]!.AsArray();
        Assert.Equal(5, results.Count);
        Assert.Equal(
            results.Select(item => item!.ToJsonString()),
            told.Where(one => one.Type == "item").OrderBy(one => one.Index).Select(one => one.Data.ToJsonString()));

        var items = 0;
        foreach (var one in told)
        {
            if (one.Type == "item")
            {
                items++;
                continue;
            }

            JobInvariants.Check(one.Data);
            Assert.False(one.Data.ContainsKey("results"));
            Assert.Equal(items, one.Processed);
            Assert.Equal(one.Type == "progress", one.Data.ContainsKey("eta_seconds"));
        }

        Assert.Equal("done", told.Single(one => one.Type is not ("item" or "progress")).Type);
        Assert.Equal((await tenant.PollAsync(job, "?results=false")).ToJsonString(), told[^1].Data.ToJsonString());
    }

    [Fact]
    public async Task Whoever_goes_on_after_any_event_is_told_the_rest_and_nothing_twice_whatever_process_answers()
    {
        using var folder = new TestFolder();
        var told = new List<Told>();
        string key, address;
        await using (var host = await TestHost.StartAsync(data: folder.Path, customize: TestHost.WithoutWorker))
        {
            var tenant = await Tenant.CreateAsync(host.Address);
            var job = (await tenant.SubmitAsync(Four()))["job_id"]!.GetValue<string>();
            (key, address) = (tenant.ApiKey, Address(tenant, job));
            var items = (await host.Get<WorkQueue>().ClaimAsync("w", 4, handsFree: true, CancellationToken.None)).Items;
            using var reader = await EventReader.OpenAsync(tenant.Key, address);
            told.Add((await reader.NextAsync())!);
            foreach (var index in new[] { 3, 1 })
            {
                await CompleteAsync(host, items.Single(item => item.ItemIndex == index));
                told.Add((await reader.NextAsync())!);
                told.Add((await reader.NextAsync())!);
            }
        }

        Assert.Equal(["progress", "item", "progress", "item", "progress"], told.Select(one => one.Type));
        Assert.Equal([3, 1], Items(told));

        // Another process has the rest done, and knows nothing of what this one has told.
        await using var next = await TestHost.StartAsync(data: folder.Path);
        using var client = next.ClientWith("X-API-Key", key);
        var whole = await RestAsync(client, address, null);
        Assert.Equal(4, Items(whole).Count);
        foreach (var (stream, count) in Enumerable.Range(1, told.Count).Select(n => (told, n)).Concat(Enumerable.Range(1, whole.Count - 1).Select(n => (whole.ToList(), n))))
        {
            var before = stream.Take(count).ToList();
            var rest = await RestAsync(client, address, before[^1].Id);
            Assert.Equal([0, 1, 2, 3], Items(before).Concat(Items(rest)).Order());
            Assert.Equal("done", rest[^1].Type);
        }

        // Nothing is left after the end, and who would come again and again is told not to.
        using var end = await EventReader.AskAsync(client, address, whole[^1].Id);
        Assert.Equal(HttpStatusCode.NoContent, end.StatusCode);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{job}")]
    [InlineData("{job}-")]
    [InlineData("{job}-end")]
    [InlineData("{job}-g")]
    [InlineData("{job}-F")]
    [InlineData("{job}-01")]
    [InlineData("{job}-1-END")]
    [InlineData("{job}-1,{job}-1")]
    [InlineData("{job}-100000000000000000000000000000000")]
    [InlineData("00000000-1")]
    public async Task An_id_that_is_of_no_event_of_the_job_is_refused(string id)
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(Four()))["job_id"]!.GetValue<string>();

        using var refused = await EventReader.AskAsync(tenant.Key, Address(tenant, job), id.Replace("{job}", job[^8..], StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("INVALID_REQUEST", await refused.ErrorCodeAsync());
    }

    [Fact]
    public async Task What_is_not_final_is_told_when_it_is_whatever_the_id_says()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(Four()))["job_id"]!.GetValue<string>();

        using var reader = await EventReader.OpenAsync(tenant.Key, Address(tenant, job), $"{job[^8..]}-ff-end");
        var first = (await reader.NextAsync())!;
        Assert.Equal(("progress", $"{job[^8..]}-0"), (first.Type, first.Id));
        await host.WorkAsync();

        Assert.Equal([0, 1, 2, 3], Items(await reader.RestAsync()).Order());
    }

    [Fact]
    public async Task A_job_that_fails_as_a_whole_ends_with_done_as_well()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(Four()))["job_id"]!.GetValue<string>();
        using var reader = await EventReader.OpenAsync(tenant.Key, Address(tenant, job));
        Assert.Equal("queued", (await reader.NextAsync())!.Data["status"]!.GetValue<string>());

        using var deleted = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}");

        var done = Assert.Single(await reader.RestAsync());
        Assert.Equal(("done", "failed", "COLLECTION_NOT_FOUND"), (done.Type, done.Data["status"]!.GetValue<string>(), done.Data["error"]!["code"]!.GetValue<string>()));
        Assert.Equal("done", Assert.Single(await RestAsync(tenant.Key, Address(tenant, job), null)).Type);
    }

    [Fact]
    public async Task What_is_cancelled_or_erased_is_told_as_it_ends_and_an_erased_person_has_no_name()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(Four()))["job_id"]!.GetValue<string>();
        using var reader = await EventReader.OpenAsync(tenant.Key, Address(tenant, job));
        await reader.NextAsync();

        using var erased = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=p2");
        var item = (await reader.NextAsync())!;
        Assert.Equal((2, "ERASED"), (item.Index, item.Data["error"]!["code"]!.GetValue<string>()));
        Assert.Null(item.Data["external_id"]);
        Assert.Equal(1, (await reader.NextAsync())!.Processed);
        using var cancelled = await tenant.Key.PostAsync($"{Address(tenant, job)}/cancel", null);

        var rest = await reader.RestAsync();
        Assert.Equal([0, 1, 3], Items(rest));
        Assert.All(rest.SkipLast(1), one => Assert.Equal("CANCELLED", one.Data["error"]!["code"]!.GetValue<string>()));
        Assert.NotNull(rest[^1].Data["cancelled_at"]);
    }

    [Fact]
    public async Task The_client_follows_a_job_to_its_end_and_goes_on_after_what_was_dealt_with()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = BatchAddress.InCollection(tenant.Collection, (await tenant.SubmitAsync(Four()))["job_id"]!.GetValue<string>());
        var client = new RollcallClient(tenant.Key);

        var told = new List<BatchEvent>();
        await foreach (var one in client.FollowBatchAsync(job)) told.Add(one);

        var results = (await client.GetBatchAsync(job)).Results!;
        Assert.Equal(
            results.Select(item => (item.Index, item.FaceId, item.Outcome, item.Error?.Code)),
            told.Where(one => one.Kind == BatchEventKind.Item).Select(one => (one.Item!.Index, one.Item.FaceId, one.Item.Outcome, one.Item.Error?.Code)).OrderBy(item => item.Index));
        Assert.Equal(BatchEventKind.Done, told[^1].Kind);
        var rest = new List<BatchEvent>();
        await foreach (var one in client.FollowBatchAsync(job, told.First(one => one.Kind == BatchEventKind.Item).Id)) rest.Add(one);
        Assert.Equal(3, rest.Count(one => one.Kind == BatchEventKind.Item));
        await foreach (var one in client.FollowBatchAsync(job, told[^1].Id)) Assert.Fail(one.Id);
    }

    [Fact]
    public async Task Head_answers_with_the_headers_and_waits_for_nothing()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(Four()))["job_id"]!.GetValue<string>();

        using var head = await EventReader.AskAsync(tenant.Key, Address(tenant, job), method: HttpMethod.Head);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal("text/event-stream", head.Content.Headers.ContentType!.ToString());
        await Eventually.TrueAsync(() => host.Get<BatchPoll>().Waiting == 0);
    }

    internal static string Address(Tenant tenant, string job, bool inCollection = false) =>
        inCollection ? $"/api/v1/collections/{tenant.Collection}/batch/{job}" : $"/api/v1/organizations/{tenant.Organization}/batch/{job}";

    internal static BatchBody Four() => BatchBody.Of(
        ("p0", Assets.Lfw("Colin_Powell")), ("p1", Assets.Lfw("Tom_Ridge")), ("p2", Assets.Lfw("George_W_Bush")), ("p3", Assets.Lfw("Tony_Blair")));

    private static List<int> Items(IEnumerable<Told> told) => [.. told.Where(one => one.Type == "item").Select(one => one.Index)];

    private static async Task<IReadOnlyList<Told>> RestAsync(HttpClient client, string address, string? after)
    {
        using var reader = await EventReader.OpenAsync(client, address, after);
        return await reader.RestAsync();
    }

    private static async Task CompleteAsync(TestHost host, ClaimedItem item) => await host.Get<WorkQueue>().CompleteAsync(
        [new FinishedItem(item, await host.Get<ItemProcessor>().ProcessAsync(item, CancellationToken.None))], ModelPack.Standard.Calibration, CancellationToken.None);
}
