using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Rollcall.Faces.Models;
using Rollcall.Server.Tests.Batches;

namespace Rollcall.Server.Tests.Collections;

/// <summary>Each setting: what it does to a job that names nothing, that the job's own word wins, and that a change does not reach a job that was accepted.</summary>
public sealed class SettingTests
{
    private static string Powell1 => Assets.Lfw("Colin_Powell", 1);
    private static string Powell2 => Assets.Lfw("Colin_Powell", 2);
    private static string Ridge => Assets.Lfw("Tom_Ridge");

    /// <summary>A setting as a job feels it: its value, the field that says otherwise, and what becomes of a photograph of p in each case.</summary>
    public static TheoryData<string, string, string?, string?, string, string, string> Gates { get; } = new()
    {
        { "min_quality", "1", "min_quality", "0", "new", "FACE_QUALITY_TOO_LOW", "enrolled" },
        { "multiple_faces", "\"largest\"", "multiple_faces", "reject", "group", "enrolled", "MULTIPLE_FACES" },
        { "multiple_faces", "\"match_existing\"", "multiple_faces", "largest", "beside a stranger", "replaced", "IDENTITY_MISMATCH" },
        { "check_liveness", "true", "check_liveness", "false", "print", "LIVENESS_CHECK_FAILED", "enrolled" },
        { "on_duplicate", "\"reject\"", "on_duplicate", "append", "again", "DUPLICATE_EXTERNAL_ID", "enrolled" },
        { "on_duplicate", "\"skip\"", "on_duplicate", "replace", "again", "skipped", "replaced" },
        { "on_duplicate", "\"append\"", "on_duplicate", "reject", "again", "enrolled", "DUPLICATE_EXTERNAL_ID" },
        { "allow_identity_change", "true", "allow_identity_change", "false", "stranger", "replaced", "IDENTITY_MISMATCH" },
        { "identity_guard", "1", "allow_identity_change", "true", "again", "IDENTITY_MISMATCH", "replaced" },
        { "identity_guard", "0", null, null, "stranger", "replaced", "" },
    };

    [Theory]
    [MemberData(nameof(Gates))]
    public async Task A_gate_holds_for_a_job_that_names_none_and_a_job_that_names_its_own_has_that(
        string setting, string value, string? field, string? other, string photograph, string outcome, string otherwise)
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var image = await PrepareAsync(host, tenant, photograph);
        using var changed = await ChangeAsync(tenant, setting, value);
        Assert.Equal(value, (await changed.JsonAsync())["data"]!["settings"]![setting]!.ToJsonString());

        if (field is not null)
        {
            var own = await tenant.SubmitAsync(BatchBody.Of(("other", image[0]), ("p", image[1])).Field(field, other!));
            await host.WorkAsync();
            Assert.Equal(otherwise, Outcome(await EndOfAsync(tenant, own), 1));
            await ResetAsync(host, tenant, photograph);
        }

        var job = await tenant.SubmitAsync(BatchBody.Of(("p", image[1])));
        await host.WorkAsync();
        Assert.Equal(outcome, Outcome(await EndOfAsync(tenant, job), 0));
    }

    [Theory]
    [MemberData(nameof(Gates))]
    public async Task A_gate_that_is_changed_after_a_job_was_accepted_does_not_reach_it(
        string setting, string value, string? field, string? other, string photograph, string outcome, string otherwise)
    {
        _ = (field, other, otherwise);
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var image = await PrepareAsync(host, tenant, photograph);
        using var set = await ChangeAsync(tenant, setting, value);

        var accepted = await tenant.SubmitAsync(BatchBody.Of(("p", image[1])));
        using var back = await ChangeAsync(tenant, setting, "null");
        await host.WorkAsync();

        Assert.Equal(outcome, Outcome(await EndOfAsync(tenant, accepted), 0));
    }

    [Fact]
    public async Task The_gates_hold_for_a_single_enrolment_as_well_but_for_the_mode()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["min_quality"] = 1, ["on_duplicate"] = "append", ["identity_guard"] = 1 });

        using var poor = await EnrolAsync(tenant, Powell1);
        Assert.Equal("FACE_QUALITY_TOO_LOW", await poor.ErrorCodeAsync());
        using var good = await EnrolAsync(tenant, Powell1, ("min_quality", "0"));
        Assert.Equal(HttpStatusCode.Created, good.StatusCode);
        using var duplicate = await EnrolAsync(tenant, Powell2, ("min_quality", "0"));
        Assert.Equal("DUPLICATE_EXTERNAL_ID", await duplicate.ErrorCodeAsync());
        using var guarded = await EnrolAsync(tenant, Powell2, ("min_quality", "0"), ("on_duplicate", "append"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, guarded.StatusCode);
        Assert.Equal("IDENTITY_MISMATCH", await guarded.ErrorCodeAsync());
        using var allowed = await EnrolAsync(tenant, Powell2, ("min_quality", "0"), ("on_duplicate", "append"), ("allow_identity_change", "true"));
        Assert.Equal(HttpStatusCode.Created, allowed.StatusCode);
    }

    [Fact]
    public async Task The_threshold_of_identification_is_the_collections_unless_the_request_names_one()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["identify_threshold"] = 1 });
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)));

        var strict = await tenant.IdentifyAsync(Powell2);
        Assert.Equal((1, 0), (strict["threshold"]!.GetValue<double>(), strict["matches"]!.AsArray().Count));
        var own = await tenant.IdentifyAsync(Powell2, ("threshold", "0.3"));
        Assert.Equal((0.3, 1), (own["threshold"]!.GetValue<double>(), own["matches"]!.AsArray().Count));
        using var changed = await ChangeAsync(tenant, "identify_threshold", "0");
        Assert.Single((await tenant.IdentifyAsync(Ridge))["matches"]!.AsArray());
        using var back = await ChangeAsync(tenant, "identify_threshold", "null");
        Assert.Equal(0.5, (await tenant.IdentifyAsync(Ridge))["threshold"]!.GetValue<double>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(400)]
    [InlineData(2500)]
    public async Task By_default_it_goes_by_the_size_and_is_never_below_a_half(int size)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await ManyFaces.AddAsync(host, tenant.Organization, tenant.Collection, size);

        var answer = await tenant.IdentifyAsync(Powell1);

        Assert.Equal(size, answer["searched"]!.GetValue<int>());
        var threshold = answer["threshold"]!.GetValue<double>();
        Assert.Equal(size < 100, threshold == 0.5);

        // What the contract says, in the figures of the answer: all comparisons together meet a stranger in 1 case of 100.
        var calibration = ModelPack.Standard.Calibration;
        var each = 1 - Math.Pow(0.99, 1.0 / size);
        Assert.Equal(Math.Max(0.5, calibration.ToSimilarity(calibration.CosineAtFmr(each))), threshold, 0.0001);
    }

    [Fact]
    public async Task A_threshold_for_look_alikes_is_a_share_and_null_is_automatic_again()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        foreach (var wrong in new[] { "1.01", "-0.01" })
        {
            using var refused = await ChangeAsync(tenant, "duplicate_threshold", wrong);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Equal("INVALID_REQUEST", await refused.ErrorCodeAsync());
        }

        using var set = await ChangeAsync(tenant, "duplicate_threshold", "0.75");
        Assert.Equal(0.75, (await set.JsonAsync())["data"]!["settings"]!["duplicate_threshold"]!.GetValue<double>());
        using var other = await ChangeAsync(tenant, "min_quality", "0.3");
        Assert.Equal(0.75, (await other.JsonAsync())["data"]!["settings"]!["duplicate_threshold"]!.GetValue<double>());
        using var none = await ChangeAsync(tenant, "duplicate_threshold", "null");
        Assert.Null((await none.JsonAsync())["data"]!["settings"]!["duplicate_threshold"]);
    }

    /// <summary>Who stands before the job, a photograph of somebody else that does not matter, and the one that does.</summary>
    private static async Task<string[]> PrepareAsync(TestHost host, Tenant tenant, string photograph)
    {
        await ResetAsync(host, tenant, photograph);
        return [Assets.Lfw("Tom_Ridge", 2), photograph switch
        {
            "new" => Powell1,
            "again" => Powell2,
            "stranger" => Ridge,
            "beside a stranger" => Beside(host),
            "print" => Assets.Sample("spoof/image_F1.jpg"),
            _ => Assets.Sample("group/t1.jpg"),
        }];
    }

    private static async Task ResetAsync(TestHost host, Tenant tenant, string photograph)
    {
        using var erased = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=p");
        if (photograph is not ("again" or "stranger" or "beside a stranger")) return;
        await tenant.SubmitAsync(BatchBody.Of(("p", Powell1)).Field("on_duplicate", "replace").Field("min_quality", "0").Field("allow_identity_change", "true"));
        await host.WorkAsync();
    }

    /// <summary>A photograph with p and, larger, a stranger.</summary>
    private static string Beside(TestHost host)
    {
        var path = Path.Combine(host.Data, "beside.jpg");
        File.WriteAllBytes(path, Pictures.Beside((Ridge, 400), (Powell2, 250)));
        return path;
    }

    private static Task<HttpResponseMessage> ChangeAsync(Tenant tenant, string setting, string value) => tenant.Key.PatchAsync(
        $"/api/v1/collections/{tenant.Collection}",
        new StringContent($$"""{"settings": {"{{setting}}": {{value}} } }""", Encoding.UTF8, "application/json"));

    private static Task<JsonObject> EndOfAsync(Tenant tenant, JsonObject accepted) => tenant.EndOfAsync(accepted["job_id"]!.GetValue<string>());

    private static string Outcome(JsonObject job, int index)
    {
        var item = job["results"]![index]!;
        return (item["error"]?["code"] ?? item["outcome"]!).GetValue<string>();
    }

    private static async Task<HttpResponseMessage> EnrolAsync(Tenant tenant, string image, params (string Name, string Value)[] fields)
    {
        using var content = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(image)), "image", "face.jpg" } };
        foreach (var (name, value) in fields.Append(("external_id", "p"))) content.Add(new StringContent(value), name);
        return await tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/faces", content);
    }
}
