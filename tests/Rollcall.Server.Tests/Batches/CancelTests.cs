using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Faces.Models;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Batches;

public sealed class CancelTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_queued_job_ends_at_once_with_nothing_enrolled_and_keeps_its_uploads_and_whoever_waits_for_it_is_told(bool inCollection)
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Lfw("Tom_Ridge")))))["job_id"]!.GetValue<string>();
        var address = inCollection ? $"/api/v1/collections/{tenant.Collection}/batch/{job}" : $"/api/v1/organizations/{tenant.Organization}/batch/{job}";
        var waiting = tenant.Key.GetAsync($"{address}?wait=60");

        using var answer = await tenant.Key.PostAsync($"{address}/cancel", null);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var cancelled = (await answer.JsonAsync())["data"]!.AsObject();
        JobInvariants.Check(cancelled);
        Assert.Equal(("done", 2, 0, 2), (Text(cancelled, "status"), Int(cancelled, "processed"), Int(cancelled, "succeeded"), Int(cancelled, "failed")));
        Assert.All(cancelled["results"]!.AsArray(), item => Assert.Equal("CANCELLED", item!["error"]!["code"]!.GetValue<string>()));
        Assert.Equal(Text(cancelled, "completed_at"), Text(cancelled, "cancelled_at"));
        Assert.NotNull(cancelled["expires_at"]);
        Assert.Null(answer.Headers.RetryAfter);

        // It is what a poll shows, also to who waited for it.
        Assert.Equal(cancelled.ToJsonString(), (await (await waiting).JsonAsync())["data"]!.ToJsonString());
        using var poll = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { { "If-None-Match", answer.Headers.ETag!.ToString() } } };
        Assert.Equal(HttpStatusCode.NotModified, (await tenant.Key.SendAsync(poll)).StatusCode);

        using var again = await tenant.Key.PostAsync($"{address}/cancel", null);
        Assert.Equal(cancelled.ToJsonString(), (await again.JsonAsync())["data"]!.ToJsonString());
        Assert.Empty((await host.Get<WorkQueue>().ClaimAsync("w", 10, handsFree: true, CancellationToken.None)).Items);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories).Length);
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task While_an_item_is_worked_on_the_job_goes_on_and_what_is_enrolled_stays()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Lfw("Tom_Ridge")))))["job_id"]!.GetValue<string>();
        var held = Assert.Single((await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items);

        using var answer = await tenant.Key.PostAsync($"/api/v1/organizations/{tenant.Organization}/batch/{job}/cancel", null);

        var running = (await answer.JsonAsync())["data"]!.AsObject();
        JobInvariants.Check(running);
        Assert.Equal(("processing", 1), (Text(running, "status"), Int(running, "processed")));
        Assert.NotNull(running["cancelled_at"]);
        Assert.NotNull(running["eta_seconds"]);
        Assert.NotNull(answer.Headers.RetryAfter);

        await FinishAsync(host, held);
        var ended = await tenant.PollAsync(job);
        Assert.Equal(("done", 1, 1), (Text(ended, "status"), Int(ended, "succeeded"), Int(ended, "failed")));
        Assert.Equal(Text(running, "cancelled_at"), Text(ended, "cancelled_at"));
        Assert.Single(await tenant.FacesAsync("p"));
        Assert.Empty(await tenant.FacesAsync("q"));
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task Who_is_erased_while_a_cancelled_job_still_works_on_them_ends_erased()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Lfw("Tom_Ridge")))))["job_id"]!.GetValue<string>();
        var held = Assert.Single((await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items);
        using var cancelled = await tenant.Key.PostAsync($"/api/v1/organizations/{tenant.Organization}/batch/{job}/cancel", null);

        using var erased = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=p");
        await FinishAsync(host, held); // too late

        var ended = await tenant.PollAsync(job);
        Assert.Equal(["ERASED", "CANCELLED"], ended["results"]!.AsArray().Select(item => item!["error"]!["code"]!.GetValue<string>()));
        Assert.Empty(await tenant.FacesAsync("p"));
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task With_workers_at_it_each_job_ends_and_its_counters_are_its_rows()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var photographs = new[] { Assets.Lfw("Colin_Powell"), Assets.Lfw("Tony_Blair"), Assets.Lfw("Tom_Ridge"), Assets.Lfw("George_W_Bush") };
        var jobs = new List<string>();
        for (var i = 0; i < 6; i++)
            jobs.Add((await tenant.SubmitAsync(BatchBody.Of([.. photographs.Select((file, k) => ($"{i}-{k}", file))]).Field("multiple_faces", "largest")))["job_id"]!.GetValue<string>());

        foreach (var job in jobs)
        {
            using var answer = await tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/batch/{job}/cancel", null);
            JobInvariants.Check((await answer.JsonAsync())["data"]!.AsObject());
            await JobBooks.CheckAsync(host.Get<Database>());
        }

        var enrolled = 0;
        foreach (var job in jobs)
        {
            var ended = await tenant.EndOfAsync(job);
            enrolled += Int(ended, "succeeded");
            Assert.Equal("done", Text(ended, "status"));
            Assert.All(ended["results"]!.AsArray().Where(item => !item!["success"]!.GetValue<bool>()), item => Assert.Equal("CANCELLED", item!["error"]!["code"]!.GetValue<string>()));
        }

        await JobBooks.CheckAsync(host.Get<Database>());
        Assert.Equal(enrolled, await host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM face", null, tx), CancellationToken.None));
    }

    private static async Task FinishAsync(TestHost host, ClaimedItem item)
    {
        var result = await host.Get<ItemProcessor>().ProcessAsync(item, CancellationToken.None);
        await host.Get<WorkQueue>().CompleteAsync([new FinishedItem(item, result)], ModelPack.Standard.Calibration, CancellationToken.None);
    }

    private static string Text(JsonObject job, string name) => job[name]!.GetValue<string>();

    private static int Int(JsonObject job, string name) => job[name]!.GetValue<int>();
}
