using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Faces.Models;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Batches;

public sealed class JobDeletionTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_finished_job_goes_with_its_results_its_leftover_images_and_what_it_superseded_and_what_stands_stays(bool inCollection)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["keep_images"] = true });
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1))));
        await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1)); // the index knows the first
        var job = IdOf(await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2)), ("rocket", Assets.Sample("nonface/rocket.jpg")))));
        var vector = (await host.Get<Database>().ReadAsync(
            tx => tx.Connection!.QuerySingleAsync<byte[]>("SELECT vector FROM face WHERE superseded_by = @job", new { job }, tx), CancellationToken.None))[..64];
        Assert.True(IsInFiles(host.Data, vector));
        Assert.Equal(3, Blobs(host).Length); // two that are kept, one of them superseded, and the failed item's
        var address = inCollection ? $"/api/v1/collections/{tenant.Collection}/batch/{job}" : Address(tenant, job);

        using var answer = await tenant.Key.DeleteAsync(address);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete })
        {
            using var after = await tenant.Key.SendAsync(new HttpRequestMessage(method, address));
            Assert.Equal((HttpStatusCode.NotFound, "BATCH_JOB_NOT_FOUND"), (after.StatusCode, await after.ErrorCodeAsync()));
        }

        Assert.Single((await tenant.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch"))["jobs"]!.AsArray());
        Assert.Single(Blobs(host));
        Assert.False(IsInFiles(host.Data, vector));
        Assert.Equal((1, 1), (await CountAsync(host, "face"), await CountAsync(host, "person")));
        Assert.Equal(job, Assert.Single(await tenant.FacesAsync("p"))!["job_id"]!.GetValue<string>()); // it tells where it came from
        var found = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1), ("threshold", "0"), ("top_k", "10"), ("deduplicate", "false"));
        Assert.Equal(1, found["searched"]!.GetValue<int>());
        Assert.Single(found["matches"]!.AsArray());
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task A_job_that_is_not_finished_is_refused_and_goes_on_also_when_it_is_cancelled_and_still_worked_on()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = IdOf(await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Lfw("Tom_Ridge")))));

        await RefusedAsync("queued");
        var held = Assert.Single((await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items);
        await RefusedAsync("processing");
        (await tenant.Key.PostAsync($"{Address(tenant, job)}/cancel", null)).Dispose();
        await RefusedAsync("processing");

        Assert.Equal([Completion.Committed], await FinishAsync(host, held));
        Assert.Equal(HttpStatusCode.NoContent, (await tenant.Key.DeleteAsync(Address(tenant, job))).StatusCode);
        Assert.Single(await tenant.FacesAsync("p"));
        Assert.Empty(Blobs(host));

        async Task RefusedAsync(string status)
        {
            using var answer = await tenant.Key.DeleteAsync(Address(tenant, job));
            Assert.Equal((HttpStatusCode.Conflict, "JOB_NOT_FINISHED"), (answer.StatusCode, await answer.ErrorCodeAsync()));
            Assert.Equal(status, (await tenant.PollAsync(job))["status"]!.GetValue<string>());
            await JobBooks.CheckAsync(host.Get<Database>());
        }
    }

    [Fact]
    public async Task A_job_that_failed_as_a_whole_goes_with_its_uploads_and_a_worker_that_still_holds_an_item_of_it_enrols_nobody()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = IdOf(await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Lfw("Tom_Ridge")))));
        var held = Assert.Single((await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items);
        var result = await host.Get<ItemProcessor>().ProcessAsync(held, CancellationToken.None);
        Assert.True(await host.Get<WorkQueue>().FailJobAsync(job, "MODEL_MISMATCH", "Another pack.", CancellationToken.None));

        Assert.Equal(HttpStatusCode.NoContent, (await tenant.Key.DeleteAsync(Address(tenant, job))).StatusCode);

        Assert.Equal([Completion.LeaseLost], await host.Get<WorkQueue>().CompleteAsync([new FinishedItem(held, result)], ModelPack.Standard.Calibration, CancellationToken.None));
        Assert.Equal(0, await CountAsync(host, "face") + await CountAsync(host, "person") + await CountAsync(host, "job_item"));
        Assert.Empty(Blobs(host));
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task What_another_job_superseded_and_the_jobs_of_others_stay()
    {
        await using var host = await TestHost.StartAsync();
        var (tenant, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        var theirs = IdOf(await other.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))));
        var first = IdOf(await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)))));
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2))));
        var there = await CountAsync(host, "face");

        foreach (var foreign in new[] { Address(tenant, theirs), $"/api/v1/collections/{tenant.Collection}/batch/{theirs}", $"/api/v1/collections/{other.Collection}/batch/{first}", Address(other, first) })
            Assert.Equal(HttpStatusCode.NotFound, (await tenant.Key.DeleteAsync(foreign)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await tenant.Key.DeleteAsync(Address(tenant, first))).StatusCode);

        Assert.Equal(there, await CountAsync(host, "face")); // the first's reference is kept for the second's sake
        await other.PollAsync(theirs);
    }

    [Fact]
    public async Task What_is_left_of_a_deleted_collection_goes_with_the_last_of_its_jobs()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = IdOf(await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))));
        (await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}")).Dispose();
        Assert.Equal(1, await CountAsync(host, "collection"));

        Assert.Equal(HttpStatusCode.NoContent, (await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/batch/{job}")).StatusCode);

        Assert.Equal(0, await CountAsync(host, "collection"));
    }

    [Fact]
    public async Task A_repeat_of_the_submit_under_its_key_does_not_enrol_again_what_was_deleted()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        tenant.Key.DefaultRequestHeaders.Add("Idempotency-Key", "k");
        var body = BatchBody.Of(("p", Assets.Lfw("Colin_Powell")));
        var job = IdOf(await tenant.EnrolAsync(body));
        (await tenant.Key.DeleteAsync(Address(tenant, job))).Dispose();

        Assert.Equal(job, IdOf(await tenant.SubmitAsync(body)));

        Assert.Equal(0, await CountAsync(host, "job"));
    }

    private static async Task<IReadOnlyList<Completion>> FinishAsync(TestHost host, ClaimedItem item)
    {
        var result = await host.Get<ItemProcessor>().ProcessAsync(item, CancellationToken.None);
        return await host.Get<WorkQueue>().CompleteAsync([new FinishedItem(item, result)], ModelPack.Standard.Calibration, CancellationToken.None);
    }

    private static bool IsInFiles(string folder, byte[] trace) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "lock").Any(path =>
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes.AsSpan().IndexOf(trace) >= 0;
        });

    private static string Address(Tenant tenant, string job) => $"/api/v1/organizations/{tenant.Organization}/batch/{job}";

    private static string IdOf(JsonObject job) => job["job_id"]!.GetValue<string>();

    private static string[] Blobs(TestHost host) => Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories);

    private static Task<long> CountAsync(TestHost host, string from) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {from}", null, tx), CancellationToken.None);
}
