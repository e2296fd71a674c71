using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Server.Storage;
using static Rollcall.Server.Tests.Recognition.ProbeCalls;

namespace Rollcall.Server.Tests.Recognition;

/// <summary>A server that is started with another pack on the same data folder.</summary>
public sealed class OtherPackTests
{
    private const string Retail = "--Models:Pack=retail";

    [Fact]
    public async Task What_would_compare_vectors_of_two_packs_is_refused_and_all_else_works()
    {
        using var folder = new TestFolder();
        Tenant before;
        string face, other, job;
        await using (var host = await TestHost.StartAsync(data: folder.Path))
        {
            before = await Tenant.CreateAsync(host.Address);
            var ended = await before.EnrolAsync(BatchBody.Of(
                ("powell", Assets.Lfw("Colin_Powell")), ("ridge", Assets.Lfw("Tom_Ridge")), ("bush", Assets.Lfw("George_W_Bush"))));
            (face, other, job) = (FaceOf(ended, 0), FaceOf(ended, 1), ended["job_id"]!.GetValue<string>());
        }

        await using var retail = await TestHost.StartAsync(data: folder.Path, args: Retail);
        using var key = retail.ClientWith("X-API-Key", before.ApiKey);
        var collection = $"collections/{before.Collection}";
        var probe = new[] { File("image", Assets.Lfw("Colin_Powell", 2)) };

        Assert.Equal("retail", (await (await retail.Http.GetAsync("/readyz")).JsonAsync())["data"]!["model"]!["id"]!.GetValue<string>());
        await MismatchAsync(key.PostAsync($"/api/v1/{collection}/faces/batch-async", BatchBody.Of(("p", Assets.Lfw("Tom_Ridge"))).ToContent()));
        await MismatchAsync(key.PostAsync($"/api/v1/{collection}/faces/batch", BatchBody.Of(("p", Assets.Lfw("Tom_Ridge"))).ToContent()));
        await MismatchAsync(key.SendAsync($"{collection}/faces", probe, ("external_id", "new")));
        await MismatchAsync(key.SendAsync($"{collection}/identify", probe));
        await MismatchAsync(key.SendAsync($"{collection}/verify", probe, ("external_id", "powell")));
        await MismatchAsync(key.GetAsync($"/api/v1/{collection}/batch/{job}/look-alikes"));

        Assert.Equal("standard", (await DataAsync(key.GetAsync($"/api/v1/{collection}")))["model"]!["id"]!.GetValue<string>());
        Assert.Equal(3, (await DataAsync(key.GetAsync($"/api/v1/{collection}/faces")))["faces"]!.AsArray().Count);
        Assert.Equal("powell", (await DataAsync(key.GetAsync($"/api/v1/{collection}/faces/{face}")))["external_id"]!.GetValue<string>());
        Assert.Single((await DataAsync(key.GetAsync("/api/v1/collections")))["collections"]!.AsArray());
        using var renamed = await key.PatchAsJsonAsync($"/api/v1/{collection}", new JsonObject { ["name"] = "old" });
        Assert.Equal(HttpStatusCode.OK, renamed.StatusCode);
        using var marked = await key.PatchAsJsonAsync($"/api/v1/{collection}/faces/{face}", new JsonObject { ["metadata"] = new JsonObject { ["a"] = 1 } });
        Assert.Equal(HttpStatusCode.OK, marked.StatusCode);
        Assert.Equal(1, (await DataAsync(key.DeleteAsync($"/api/v1/{collection}/faces/{other}")))["faces"]!.GetValue<int>());
        Assert.Equal(1, (await DataAsync(key.DeleteAsync($"/api/v1/{collection}/faces?external_id=powell")))["faces"]!.GetValue<int>());

        // A new collection gets the pack that runs, and works.
        var created = await DataAsync(key.PostAsJsonAsync("/api/v1/collections", new JsonObject { ["name"] = "new" }), HttpStatusCode.Created);
        Assert.Equal("retail", created["model"]!["id"]!.GetValue<string>());
        var id = created["id"]!.GetValue<string>();
        var enrolled = await DataAsync(key.SendAsync($"collections/{id}/faces", probe, ("external_id", "powell")), HttpStatusCode.Created);
        Assert.Equal("retail", enrolled["model"]!.GetValue<string>());
        var found = await key.SendAsync($"collections/{id}/identify", [File("image", Assets.Lfw("Colin_Powell", 3))]).DataAsync();
        Assert.Equal("powell", found["matches"]![0]!["external_id"]!.GetValue<string>());

        Assert.True((await DataAsync(key.DeleteAsync($"/api/v1/{collection}")))["deleted"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_job_that_was_queued_before_fails_as_a_whole_and_the_old_pack_takes_up_its_collection_again()
    {
        using var folder = new TestFolder();
        Tenant tenant;
        string queued;
        await using (var host = await TestHost.StartAsync(data: folder.Path, customize: TestHost.WithoutWorker))
        {
            tenant = await Tenant.CreateAsync(host.Address);
            queued = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Lfw("Tom_Ridge")))))["job_id"]!.GetValue<string>();
        }

        await using (var retail = await TestHost.StartAsync(data: folder.Path, args: Retail))
        {
            using var key = retail.ClientWith("X-API-Key", tenant.ApiKey);
            var job = await EndOfAsync(key, tenant, queued);
            Assert.Equal(("failed", "MODEL_MISMATCH"), (job["status"]!.GetValue<string>(), job["error"]!["code"]!.GetValue<string>()));
            Assert.Empty(job["results"]!.AsArray());
            Assert.Empty((await DataAsync(key.GetAsync($"/api/v1/collections/{tenant.Collection}/faces")))["faces"]!.AsArray());
        }

        await using var again = await TestHost.StartAsync(data: folder.Path);
        using var back = again.ClientWith("X-API-Key", tenant.ApiKey);
        await DataAsync(back.SendAsync($"collections/{tenant.Collection}/faces", [File("image", Assets.Lfw("Colin_Powell"))], ("external_id", "p")), HttpStatusCode.Created);
    }

    [Fact]
    public async Task Of_a_job_that_had_begun_the_rest_fails_item_by_item_and_what_was_enrolled_stays()
    {
        using var folder = new TestFolder();
        Tenant tenant;
        string begun;
        await using (var host = await TestHost.StartAsync(data: folder.Path))
        {
            tenant = await Tenant.CreateAsync(host.Address);
            // One of the two is held back where no worker finds it, as if the server had been stopped in between.
            await WriteAsync(host, "CREATE TRIGGER hold AFTER INSERT ON work WHEN (SELECT item_index FROM job_item WHERE id = NEW.item_id) = 1 BEGIN UPDATE work SET ready_at = 4000000000000 WHERE item_id = NEW.item_id; END");
            begun = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Lfw("Tom_Ridge")))))["job_id"]!.GetValue<string>();
            await Eventually.TrueAsync(async () => (await tenant.PollAsync(begun))["processed"]!.GetValue<int>() == 1);
        }

        await using var retail = await TestHost.StartAsync(data: folder.Path, args: Retail);
        await WriteAsync(retail, "UPDATE work SET ready_at = 0");
        using var key = retail.ClientWith("X-API-Key", tenant.ApiKey);
        var job = await EndOfAsync(key, tenant, begun);
        Assert.Equal("done", job["status"]!.GetValue<string>());
        Assert.Equal("enrolled", job["results"]![0]!["outcome"]!.GetValue<string>());
        Assert.Equal("MODEL_MISMATCH", job["results"]![1]!["error"]!["code"]!.GetValue<string>());
        Assert.Single((await DataAsync(key.GetAsync($"/api/v1/collections/{tenant.Collection}/faces")))["faces"]!.AsArray());
    }

    private static string FaceOf(JsonObject job, int index) => job["results"]![index]!["face_id"]!.GetValue<string>();

    private static Task MismatchAsync(Task<HttpResponseMessage> sent) => sent.RefusedAsync(HttpStatusCode.Conflict, "MODEL_MISMATCH");

    private static async Task<JsonObject> DataAsync(Task<HttpResponseMessage> sent, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var response = await sent;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, text);
        return JsonNode.Parse(text)!["data"]!.AsObject();
    }

    private static async Task<JsonObject> EndOfAsync(HttpClient key, Tenant tenant, string job)
    {
        JsonObject answer = [];
        await Eventually.TrueAsync(async () =>
        {
            answer = await DataAsync(key.GetAsync($"/api/v1/collections/{tenant.Collection}/batch/{job}"));
            return answer["status"]!.GetValue<string>() is "done" or "failed";
        });
        return answer;
    }

    private static Task WriteAsync(TestHost host, string sql) =>
        host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, null, tx), CancellationToken.None);
}
