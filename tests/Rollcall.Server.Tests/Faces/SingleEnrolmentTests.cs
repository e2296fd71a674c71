using System.Net;
using Dapper;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Faces;

public sealed class SingleEnrolmentTests
{
    [Fact]
    public async Task One_face_is_enrolled_found_and_belongs_to_no_job()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await PostAsync(tenant, Assets.Lfw("Colin_Powell"), ("external_id", "p"), ("metadata", """{"badge": 7}"""));

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var face = (await answer.JsonAsync())["data"]!.AsObject();
        Assert.Equal($"/api/v1/collections/{tenant.Collection}/faces/{face["face_id"]}", answer.Headers.Location!.OriginalString);
        Assert.Null(face["job_id"]);
        Assert.Null(face["index"]);
        Assert.Equal(7, face["metadata"]!["badge"]!.GetValue<int>());
        Assert.Equal("p", (await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 2)))["matches"]![0]!["external_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_duplicate_is_refused_unless_a_mode_is_asked_for_and_what_is_replaced_is_gone()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address); // the collection's own default is replace
        await PostAsync(tenant, Assets.Lfw("Colin_Powell", 1), ("external_id", "p"));
        await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1));

        using var refused = await PostAsync(tenant, Assets.Lfw("Colin_Powell", 2), ("external_id", "p"));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal("DUPLICATE_EXTERNAL_ID", await refused.ErrorCodeAsync());

        using var replaced = await PostAsync(tenant, Assets.Lfw("Colin_Powell", 2), ("external_id", "p"), ("on_duplicate", "replace"));
        Assert.Equal(HttpStatusCode.Created, replaced.StatusCode);
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM face"));
        var all = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1), ("threshold", "0"), ("top_k", "9"), ("deduplicate", "false"));
        Assert.Equal((await replaced.JsonAsync())["data"]!["face_id"]!.GetValue<string>(), Assert.Single(all["matches"]!.AsArray())!["face_id"]!.GetValue<string>());

        using var appended = await PostAsync(tenant, Assets.Lfw("Colin_Powell", 3), ("external_id", "p"), ("on_duplicate", "append"));
        Assert.Equal(HttpStatusCode.Created, appended.StatusCode);
        Assert.Equal(2, (await tenant.FacesAsync("p")).Count);
    }

    [Fact]
    public async Task The_very_same_image_answers_200_with_the_face_that_stands()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        using var first = await PostAsync(tenant, Assets.Lfw("Colin_Powell"), ("external_id", "p"));

        using var again = await PostAsync(tenant, Assets.Lfw("Colin_Powell"), ("external_id", "p"), ("min_quality", "1"));

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal((await first.JsonAsync())["data"]!.ToJsonString(), (await again.JsonAsync())["data"]!.ToJsonString());
    }

    [Fact]
    public async Task The_very_same_image_with_replace_leaves_it_alone_and_nothing_of_the_others()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)), ("p", Assets.Lfw("Colin_Powell", 2))));
        await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1)); // the index knows both

        using var answer = await PostAsync(tenant, Assets.Lfw("Colin_Powell", 1), ("external_id", "p"), ("on_duplicate", "replace"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM face"));
        Assert.Equal(1, (await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1)))["searched"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_later_single_enrolment_wins_over_a_job_that_was_accepted_before_it()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)))))["job_id"]!.GetValue<string>();
        using var single = await PostAsync(tenant, Assets.Lfw("Colin_Powell", 2), ("external_id", "p"));

        var queue = host.Get<WorkQueue>();
        var item = (await queue.ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items.Single();
        var result = await host.Get<ItemProcessor>().ProcessAsync(item, CancellationToken.None);
        await queue.CompleteAsync([new(item, result)], Rollcall.Faces.Models.ModelPack.Standard.Calibration, CancellationToken.None);

        var skipped = (await tenant.PollAsync(job))["results"]![0]!;
        Assert.Equal("skipped", skipped["outcome"]!.GetValue<string>());
        Assert.Equal((await single.JsonAsync())["data"]!["face_id"]!.GetValue<string>(), skipped["face_id"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("nonface/rocket.jpg", "FACE_NOT_DETECTED")]
    [InlineData("group/t1.jpg", "MULTIPLE_FACES")]
    [InlineData("broken/truncated.jpg", "UNREADABLE_IMAGE")]
    [InlineData("broken/einstein.bmp", "UNSUPPORTED_FORMAT")]
    public async Task A_picture_that_will_not_do_is_422_and_leaves_nothing_of_the_person(string sample, string code)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await PostAsync(tenant, Assets.Sample(sample), ("external_id", "p"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(code, await answer.ErrorCodeAsync());
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM person"));
    }

    [Fact]
    public async Task Somebody_else_is_422_and_the_gates_hold()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await PostAsync(tenant, Assets.Lfw("Colin_Powell"), ("external_id", "p"));

        using var stranger = await PostAsync(tenant, Assets.Lfw("Tom_Ridge"), ("external_id", "p"), ("on_duplicate", "replace"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, stranger.StatusCode);
        Assert.Equal("IDENTITY_MISMATCH", await stranger.ErrorCodeAsync());
        using var poor = await PostAsync(tenant, Assets.Lfw("Tom_Ridge"), ("external_id", "q"), ("min_quality", "1"));
        Assert.Equal("FACE_QUALITY_TOO_LOW", await poor.ErrorCodeAsync());
        using var none = await PostAsync(tenant, Assets.Lfw("Tom_Ridge"));
        Assert.Equal("INVALID_REQUEST", await none.ErrorCodeAsync());
    }

    [Fact]
    public async Task A_face_says_all_that_the_contract_names_and_reads_the_same_alone_and_in_a_list()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        using var answer = await PostAsync(tenant, Assets.Lfw("Colin_Powell"), ("external_id", "p"));
        var single = (await answer.JsonAsync())["data"]!.AsObject();
        var job = await tenant.EnrolAsync(BatchBody.Of(("q", Assets.Lfw("Tom_Ridge")), ("r", Assets.Lfw("Tom_Ridge", 2))));

        Assert.Equal(
            ["face_id", "collection_id", "external_id", "metadata", "quality_score", "bounding_box", "image_sha256", "model", "job_id", "index", "created_at"],
            single.Select(field => field.Key));
        Assert.Equal((tenant.Collection, "standard"), (single["collection_id"]!.GetValue<string>(), single["model"]!.GetValue<string>()));
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(Assets.Lfw("Colin_Powell")))),
            single["image_sha256"]!.GetValue<string>());
        Assert.Equal(single.ToJsonString(), (await tenant.GetAsync($"/api/v1/collections/{tenant.Collection}/faces/{single["face_id"]}")).ToJsonString());
        var all = (await tenant.GetAsync($"/api/v1/collections/{tenant.Collection}/faces"))["faces"]!.AsArray();
        Assert.Equal(3, all.Count);
        Assert.Equal(single.ToJsonString(), all[2]!.ToJsonString());
        var batched = Assert.Single(await tenant.FacesAsync("r"))!;
        Assert.Equal((job["job_id"]!.GetValue<string>(), 1), (batched["job_id"]!.GetValue<string>(), batched["index"]!.GetValue<int>()));
    }

    [Fact]
    public async Task What_the_request_cannot_be_done_for_has_the_contracts_code()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        foreach (var (image, status, code) in new[]
        {
            (Batches.Pictures.Jpeg(99, 120), 422, "IMAGE_TOO_SMALL"),
            (Batches.Pictures.PngBomb(), 422, "IMAGE_TOO_LARGE"),
            (Batches.Pictures.Padded(Batches.Pictures.Jpeg(120, 120), (10 * 1024 * 1024) + 1), 422, "IMAGE_TOO_LARGE"),
            ([], 422, "UNSUPPORTED_FORMAT"),
        })
        {
            using var refused = await PostAsync(tenant, image, ("external_id", "p"));
            Assert.Equal((status, code), ((int)refused.StatusCode, await refused.ErrorCodeAsync()));
        }

        foreach (var field in new[] { ("external_id", ""), ("external_id", "a\u0001"), ("metadata", "[]"), ("on_duplicate", "best"), ("min_quality", "2"), ("check_liveness", "maybe"), ("dry_run", "true"), ("multiple_faces", "nearest"), ("colour", "blue") })
        {
            using var refused = await PostAsync(tenant, Assets.Lfw("Colin_Powell"), field.Item1 == "external_id" ? [field] : [field, ("external_id", "p")]);
            Assert.Equal((400, "INVALID_REQUEST"), ((int)refused.StatusCode, await refused.ErrorCodeAsync()));
        }

        await ManyFaces.AddAsync(host, tenant.Organization, tenant.Collection, 100, perPerson: 100);
        using var full = await PostAsync(
            tenant, Assets.Lfw("Colin_Powell"), ("external_id", "many-000000"), ("on_duplicate", "append"), ("allow_identity_change", "true"));
        Assert.Equal((409, "TOO_MANY_REFERENCES"), ((int)full.StatusCode, await full.ErrorCodeAsync()));

        await host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync("UPDATE collection SET model = 'other'", null, tx), CancellationToken.None);
        using var mismatch = await PostAsync(tenant, Assets.Lfw("Colin_Powell"), ("external_id", "p"));
        Assert.Equal((409, "MODEL_MISMATCH"), ((int)mismatch.StatusCode, await mismatch.ErrorCodeAsync()));
        Assert.Equal(100, await CountAsync(host, "SELECT COUNT(*) FROM face"));
    }

    private static async Task<HttpResponseMessage> PostAsync(Tenant tenant, string image, params (string Name, string Value)[] fields) =>
        await PostAsync(tenant, await File.ReadAllBytesAsync(image), fields);

    private static async Task<HttpResponseMessage> PostAsync(Tenant tenant, byte[] image, params (string Name, string Value)[] fields)
    {
        using var content = new MultipartFormDataContent { { new ByteArrayContent(image), "image", "face.jpg" } };
        foreach (var (name, value) in fields) content.Add(new StringContent(value), name);
        return await tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/faces", content);
    }

    private static Task<long> CountAsync(TestHost host, string sql) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>(sql, null, tx), CancellationToken.None);
}
