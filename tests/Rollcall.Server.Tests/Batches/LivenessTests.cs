using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Faces;
using Rollcall.Faces.Models;
using Rollcall.Server.Hosting;
using Rollcall.Server.Tests.Recognition;

namespace Rollcall.Server.Tests.Batches;

/// <summary><c>check_liveness</c>: with photographs of a print and of a living person, and on servers that have no model for it.</summary>
public sealed class LivenessTests
{
    private static string Print => Assets.Sample("spoof/image_F1.jpg");
    private static string Living => Assets.Sample("spoof/image_T1.jpg");

    [Theory]
    [InlineData("batch-async", "standard")]
    [InlineData("batch", "standard")]
    [InlineData("dry run", "standard")]
    [InlineData("batch-async", "retail")]
    public async Task A_picture_of_a_picture_fails_with_its_score_and_a_living_face_passes(string route, string pack)
    {
        await using var host = await TestHost.StartAsync(args: $"--Models:Pack={pack}");
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["min_quality"] = 0 });
        var body = BatchBody.Of(("print", Print), ("living", Living)).Field("check_liveness", "true");
        if (route == "dry run") body.Field("dry_run", "true");

        var job = route == "batch"
            ? await tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/faces/batch", body.ToContent()).DataAsync()
            : await tenant.EnrolAsync(body);

        Assert.Equal(["LIVENESS_CHECK_FAILED", "enrolled"], Ends(job));
        var failed = job["results"]![0]!;
        var threshold = ModelPack.Find(pack)!.Liveness!.Threshold;
        Assert.Equal(threshold, failed["error"]!["details"]!["threshold"]!.GetValue<double>());
        Assert.InRange(failed["error"]!["details"]!["liveness_score"]!.GetValue<double>(), 0, threshold - 0.0001);
        Assert.NotNull(failed["quality_score"]);
        Assert.NotNull(failed["bounding_box"]);
        Assert.Empty(await tenant.FacesAsync("print"));

        if (route == "dry run") return;
        var unasked = await tenant.EnrolAsync(BatchBody.Of(("print", Print)));
        Assert.Equal(["enrolled"], Ends(unasked));
    }

    [Fact]
    public async Task A_single_enrolment_is_422_with_the_score()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["min_quality"] = 0, ["check_liveness"] = true });

        var error = await EnrolAsync(tenant.Key, tenant, Print).RefusedAsync(HttpStatusCode.UnprocessableEntity, "LIVENESS_CHECK_FAILED");
        Assert.InRange(error["details"]!["liveness_score"]!.GetValue<double>(), 0, error["details"]!["threshold"]!.GetValue<double>());
        Assert.Empty(await tenant.FacesAsync("p"));

        using var living = await EnrolAsync(tenant.Key, tenant, Living);
        Assert.Equal(HttpStatusCode.Created, living.StatusCode);
    }

    [Fact]
    public async Task A_retry_keeps_the_gate_unless_it_says_otherwise()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["min_quality"] = 0 });
        var job = await tenant.EnrolAsync(BatchBody.Of(("print", Print)).Field("check_liveness", "true"));

        job = await RetryAsync(tenant, job, """{"on_duplicate": "append"}""");
        Assert.Equal(["LIVENESS_CHECK_FAILED"], Ends(job));
        job = await RetryAsync(tenant, job, """{"check_liveness": false, "codes": ["LIVENESS_CHECK_FAILED"]}""");
        Assert.Equal(["enrolled"], Ends(job));
    }

    [Fact]
    public async Task Quality_is_judged_before_liveness()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        var job = await tenant.EnrolAsync(BatchBody.Of(("print", Print)).Field("check_liveness", "true").Field("min_quality", "1"));

        Assert.Equal(["FACE_QUALITY_TOO_LOW"], Ends(job));
    }

    [Fact]
    public async Task A_pack_without_a_model_for_it_refuses_whoever_asks_at_once_and_by_each_way()
    {
        await using var host = await TestHost.StartAsync(args: "--Models:Pack=compact");
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["min_quality"] = 0 });
        var inCollection = $"/api/v1/collections/{tenant.Collection}";
        var failed = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Sample("nonface/rocket.jpg"))));

        foreach (var sent in new[]
        {
            tenant.PostAsync(BatchBody.Of(("p", Living)).Field("check_liveness", "true")),
            tenant.Key.PostAsync($"{inCollection}/faces/batch", BatchBody.Of(("p", Living)).Field("check_liveness", "true").ToContent()),
            tenant.Key.SendAsync($"collections/{tenant.Collection}/faces", [File("image", Living)], ("external_id", "p"), ("check_liveness", "true")),
            tenant.Key.PostAsync($"{inCollection}/batch/{failed["job_id"]}/retry", Json("""{"check_liveness": true}""")),
            tenant.Key.PostAsync("/api/v1/collections", Json("""{"name": "x", "settings": {"check_liveness": true}}""")),
            tenant.Key.PatchAsync(inCollection, Json("""{"settings": {"check_liveness": true}}""")),
        })
        {
            var error = await sent.RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
            Assert.Contains("'compact'", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        Assert.False((await tenant.GetAsync(inCollection))["settings"]!["check_liveness"]!.GetValue<bool>());
        Assert.Single((await tenant.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch"))["jobs"]!.AsArray());
    }

    [Fact]
    public async Task A_server_that_has_lost_the_model_never_lets_anybody_pass_who_was_to_be_checked()
    {
        using var folder = new TestFolder();
        Tenant tenant;
        string queued;
        await using (var host = await TestHost.StartAsync(data: folder.Path, customize: TestHost.WithoutWorker))
        {
            tenant = await Tenant.CreateAsync(host.Address, new() { ["check_liveness"] = true, ["min_quality"] = 0, ["on_duplicate"] = "append" });
            await tenant.EnrolByHandAsync(host, BatchBody.Of(("stands", Living)));
            queued = (await tenant.SubmitAsync(BatchBody.Of(("new", Living), ("stands", Living))))["job_id"]!.GetValue<string>();
        }

        using var models = await WithoutLivenessAsync();
        await using var lacking = await TestHost.StartAsync(data: folder.Path, customize: builder => builder.Services.AddSingleton(models));
        using var key = lacking.ClientWith("X-API-Key", tenant.ApiKey);
        var inCollection = $"/api/v1/collections/{tenant.Collection}";

        // The job comes to its end: what needs the check fails and can be retried, what stands needs none.
        JsonObject job = [];
        await Eventually.TrueAsync(async () => (job = await key.GetAsync($"{inCollection}/batch/{queued}").DataAsync())["status"]!.GetValue<string>() == "done");
        Assert.Equal(["PROCESSING_ERROR", "unchanged"], Ends(job));
        Assert.Contains("models pull standard", job["results"]![0]!["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);

        // The collection's setting refuses as a field does, and other settings can be changed.
        var error = await EnrolAsync(key, tenant, Living).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        Assert.Contains("models pull standard", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        await key.PostAsync($"{inCollection}/faces/batch-async", BatchBody.Of(("p", Living)).ToContent()).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await key.PostAsync($"{inCollection}/batch/{queued}/retry", Json("{}")).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        var changed = await key.PatchAsync(inCollection, Json("""{"settings": {"min_quality": 0.1}}""")).DataAsync();
        Assert.True(changed["settings"]!["check_liveness"]!.GetValue<bool>());
        using var waived = await EnrolAsync(key, tenant, Living, ("check_liveness", "false"));
        Assert.Equal(HttpStatusCode.Created, waived.StatusCode);
    }

    /// <summary>The standard pack of a cache that an earlier version has filled.</summary>
    private static async Task<FaceModels> WithoutLivenessAsync()
    {
        using var http = new HttpClient();
        var options = new ModelStoreOptions { Cache = Path.Combine(Path.GetTempPath(), "rollcall-test-models"), Mirror = Assets.Models, AllowDownload = false };
        var installed = await new ModelStore(options, http, TimeProvider.System, NullLogger<ModelStore>.Instance).ObtainAsync(ModelPack.Standard, CancellationToken.None);
        var models = new FaceModels();
        models.Load(new FaceEngine(installed with { Files = [.. installed.Files.Where(one => one.File.Role != ModelRole.Liveness)] }));
        return models;
    }

    private static Task<HttpResponseMessage> EnrolAsync(HttpClient key, Tenant tenant, string image, params (string Name, string Value)[] fields) =>
        key.SendAsync($"collections/{tenant.Collection}/faces", [File("image", image)], [("external_id", "p"), .. fields]);

    private static async Task<JsonObject> RetryAsync(Tenant tenant, JsonObject job, string body)
    {
        using var answer = await tenant.Key.PostAsync($"/api/v1/organizations/{tenant.Organization}/batch/{job["job_id"]}/retry", Json(body));
        return await tenant.EndOfAsync((await answer.JsonAsync())["data"]!["job_id"]!.GetValue<string>());
    }

    private static (string Name, byte[] Bytes) File(string name, string path) => ProbeCalls.File(name, path);

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static IEnumerable<string> Ends(JsonObject job) => job["results"]!.AsArray().Select(item => $"{item!["error"]?["code"] ?? item["outcome"]}");
}
