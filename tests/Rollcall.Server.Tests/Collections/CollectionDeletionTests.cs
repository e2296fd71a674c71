using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Faces;
using Rollcall.Faces.Models;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Collections;

public sealed class CollectionDeletionTests
{
    [Fact]
    public async Task It_takes_vectors_people_uploads_and_the_index_along_and_leaves_the_jobs_to_be_read()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("bush", Assets.Lfw("George_W_Bush", 1)), ("powell", Assets.Lfw("Colin_Powell"))).Field("multiple_faces", "largest"));
        var job = (await tenant.EnrolAsync(
            BatchBody.Of(("bush", Assets.Lfw("George_W_Bush", 2)), ("rocket", Assets.Sample("nonface/rocket.jpg"))).Field("multiple_faces", "largest")))["job_id"]!.GetValue<string>();
        await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell")); // the index knows them
        var faces = await CountAsync(host, "face");
        Assert.Equal(3, faces); // one of them superseded
        Assert.Single(Blobs(host)); // the failed item's

        using var answer = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"deleted":true,"faces":3,"persons":2,"jobs":0,"images":1}""", (await answer.JsonAsync())["data"]!.ToJsonString());
        Assert.Equal(0, await CountAsync(host, "face"));
        Assert.Equal(0, await CountAsync(host, "person"));
        Assert.Equal(0, await CountAsync(host, "job_item WHERE blob IS NOT NULL OR metadata IS NOT NULL OR image_sha256 <> '' OR external_id <> '' OR box_x IS NOT NULL"));
        Assert.Empty(Blobs(host));

        var after = await tenant.PollAsync(job);
        Assert.Equal("done", after["status"]!.GetValue<string>());
        Assert.Equal(tenant.Collection, after["collection_id"]!.GetValue<string>());
        Assert.Equal(2, (await tenant.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch"))["jobs"]!.AsArray().Count);
        Assert.Equal(2, after["results"]!.AsArray().Count);
        Assert.All(after["results"]!.AsArray(), item => Assert.Null(item!["external_id"]));
        await AssertGoneAsync(tenant);
    }

    [Fact]
    public async Task Its_queued_jobs_end_failed_and_never_run()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var other = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Lfw("Tony_Blair")))))["job_id"]!.GetValue<string>();
        await other.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))));
        var waiting = tenant.Key.GetAsync($"/api/v1/collections/{tenant.Collection}/batch/{job}?wait=60");

        var receipt = await DeleteAsync(tenant);

        Assert.Equal("""{"deleted":true,"faces":0,"persons":0,"jobs":1,"images":2}""", receipt.ToJsonString());
        var ended = (await (await waiting).JsonAsync())["data"]!.AsObject();
        Assert.Equal("failed", ended["status"]!.GetValue<string>());
        Assert.Equal("COLLECTION_NOT_FOUND", ended["error"]!["code"]!.GetValue<string>());
        Assert.Equal(0, ended["processed"]!.GetValue<int>());
        Assert.NotNull(ended["expires_at"]);
        JobInvariants.Check(ended);
        Assert.Single(await host.Get<WorkQueue>().ClaimAsync(10)); // the other tenant's
        Assert.Single(Blobs(host));
        await AssertGoneAsync(tenant);
    }

    [Fact]
    public async Task Its_running_jobs_end_done_and_what_a_worker_has_in_hand_is_not_enrolled()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var queue = host.Get<WorkQueue>();
        var job = (await tenant.SubmitAsync(
            BatchBody.Of(("a", Assets.Lfw("Colin_Powell")), ("b", Assets.Lfw("Tony_Blair")), ("c", Assets.Lfw("Tony_Blair", 3)))))["job_id"]!.GetValue<string>();
        var held = await queue.ClaimAsync(2);
        Assert.Equal([Completion.Committed], await CompleteAsync(queue, held[0]));

        var receipt = await DeleteAsync(tenant);

        Assert.Equal("""{"deleted":true,"faces":1,"persons":1,"jobs":1,"images":2}""", receipt.ToJsonString());
        Assert.Equal([Completion.LeaseLost], await CompleteAsync(queue, held[1]));
        Assert.Empty(await queue.RenewAsync("w", [held[1].Key], CancellationToken.None));
        Assert.False(await queue.FailJobAsync(job, "MODEL_MISMATCH", "", CancellationToken.None));
        await queue.GiveBackFaultyAsync(held[1], CancellationToken.None);
        Assert.Empty(await queue.ClaimAsync(10));
        Assert.Equal(0, await CountAsync(host, "face"));
        Assert.Equal(0, await CountAsync(host, "person"));
        Assert.Equal(0, await CountAsync(host, "work"));
        Assert.Empty(Blobs(host));

        var ended = await tenant.PollAsync(job);
        JobInvariants.Check(ended);
        Assert.Equal("done", ended["status"]!.GetValue<string>());
        Assert.Equal((3, 1, 2), (ended["processed"]!.GetValue<int>(), ended["succeeded"]!.GetValue<int>(), ended["failed"]!.GetValue<int>()));
        Assert.Equal("enrolled", ended["results"]![0]!["outcome"]!.GetValue<string>());
        Assert.Equal("CANCELLED", ended["results"]![1]!["error"]!["code"]!.GetValue<string>());
        Assert.Equal("CANCELLED", ended["results"]![2]!["error"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task With_workers_at_it_nothing_is_left_over_and_every_job_comes_to_its_end()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var photographs = new[] { Assets.Lfw("Colin_Powell", 1), Assets.Lfw("Tony_Blair", 1), Assets.Lfw("George_W_Bush", 1) };
        var jobs = new List<string>();
        for (var i = 0; i < 6; i++)
            jobs.Add((await tenant.SubmitAsync(BatchBody.Of([.. photographs.Select((file, k) => ($"{i}-{k}", file))])))["job_id"]!.GetValue<string>());
        await Eventually.TrueAsync(async () => await CountAsync(host, "face") >= 2);

        var receipt = await DeleteAsync(tenant);

        Assert.InRange(receipt["faces"]!.GetValue<long>(), 2, 18);
        Assert.Equal(0, await CountAsync(host, "work"));
        foreach (var job in jobs) await tenant.EndOfAsync(job);
        var next = await Tenant.CreateAsync(host.Address); // the workers go on, past what they had in hand
        await next.EnrolAsync(BatchBody.Of(("p", photographs[0])));
        Assert.Equal(1, await CountAsync(host, "face"));
        Assert.Equal(1, await CountAsync(host, "person"));
        Assert.Empty(Blobs(host));
    }

    [Fact]
    public async Task A_batch_that_is_being_received_meanwhile_is_refused_and_leaves_nothing_behind()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var release = new TaskCompletionSource();
        var upload = tenant.PostAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))), release.Task);
        await Eventually.TrueAsync(() => Blobs(host).Length > 0);

        await DeleteAsync(tenant);
        release.SetResult();

        using var answer = await upload;
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("COLLECTION_NOT_FOUND", await answer.ErrorCodeAsync());
        Assert.Empty(Blobs(host));
        Assert.Equal(0, await CountAsync(host, "job"));
        Assert.Equal(0, await CountAsync(host, "collection")); // no job, no tombstone
    }

    [Fact]
    public async Task The_empty_row_goes_with_the_last_of_its_jobs()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))));
        await DeleteAsync(tenant);
        Assert.Equal(1, await CountAsync(host, "collection WHERE name = '' AND settings = '' AND face_count = 0"));

        time.Advance(TimeSpan.FromDays(7));
        await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);

        Assert.Equal(0, await CountAsync(host, "collection"));
    }

    [Fact]
    public async Task It_needs_the_right_and_another_tenants_is_unknown()
    {
        await using var host = await TestHost.StartAsync();
        var (one, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));

        foreach (var method in new[] { HttpMethod.Delete, HttpMethod.Patch })
        {
            foreach (var path in new[] { $"collections/{other.Collection}", $"organizations/{one.Organization}/collections/{other.Collection}" })
            {
                using var foreign = await one.Key.SendAsync(Request(method, path));
                Assert.Equal("COLLECTION_NOT_FOUND", await foreign.ErrorCodeAsync());
            }

            using var elsewhere = await one.Key.SendAsync(Request(method, $"organizations/{other.Organization}/collections/{other.Collection}"));
            Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
            foreach (var (confined, scope, code) in new[] { (one.Collection, "batch", "INSUFFICIENT_SCOPE"), (await one.CreateCollectionAsync(), "collections", "COLLECTION_NOT_ALLOWED") })
            {
                using var key = host.ClientWith("X-API-Key", await one.CreateKeyAsync(new() { ["scopes"] = new JsonArray(scope), ["collections"] = new JsonArray(confined) }));
                using var refused = await key.SendAsync(Request(method, $"collections/{one.Collection}"));
                Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
                Assert.Equal(code, await refused.ErrorCodeAsync());
            }
        }

        using var own = host.ClientWith("X-API-Key", await one.CreateKeyAsync(new() { ["scopes"] = new JsonArray("collections"), ["collections"] = new JsonArray(one.Collection) }));
        Assert.Equal(HttpStatusCode.OK, (await own.SendAsync(Request(HttpMethod.Patch, $"collections/{one.Collection}"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await own.DeleteAsync($"/api/v1/organizations/{one.Organization}/collections/{one.Collection}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await other.Bearer.GetAsync($"/api/v1/collections/{other.Collection}")).StatusCode);
    }

    private static HttpRequestMessage Request(HttpMethod method, string path) => new(method, $"/api/v1/{path}")
    {
        Content = method == HttpMethod.Patch ? new StringContent("{}", System.Text.Encoding.UTF8, "application/json") : null,
    };

    private static async Task AssertGoneAsync(Tenant tenant)
    {
        var root = $"/api/v1/collections/{tenant.Collection}";
        using var probe = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(Assets.Lfw("Colin_Powell"))), "image", "x.jpg" } };
        foreach (var call in new[]
        {
            tenant.Key.GetAsync(root),
            tenant.Key.GetAsync($"{root}/faces"),
            tenant.Key.PostAsync($"{root}/identify", probe),
            tenant.PostAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))),
            tenant.Key.DeleteAsync(root),
        })
        {
            using var answer = await call;
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal("COLLECTION_NOT_FOUND", await answer.ErrorCodeAsync());
        }

        Assert.Empty((await tenant.GetAsync("/api/v1/collections"))["collections"]!.AsArray());
    }

    private static async Task<JsonObject> DeleteAsync(Tenant tenant)
    {
        using var answer = await tenant.Bearer.DeleteAsync($"/api/v1/organizations/{tenant.Organization}/collections/{tenant.Collection}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.JsonAsync())["data"]!.AsObject();
    }

    private static Task<IReadOnlyList<Completion>> CompleteAsync(WorkQueue queue, ClaimedItem item)
    {
        var vector = new float[128];
        vector[0] = 1;
        var result = new ItemResult.Embedded(new FaceBox(0.1, 0.1, 0.5, 0.5), 0.8, vector);
        return queue.CompleteAsync([new FinishedItem(item, result)], ModelPack.Standard.Calibration, CancellationToken.None);
    }

    private static string[] Blobs(TestHost host) => Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories);

    private static Task<long> CountAsync(TestHost host, string from) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {from}", null, tx), CancellationToken.None);
}

file static class Queues
{
    public static async Task<IReadOnlyList<ClaimedItem>> ClaimAsync(this WorkQueue queue, int count) =>
        (await queue.ClaimAsync("w", count, handsFree: true, CancellationToken.None)).Items;
}
