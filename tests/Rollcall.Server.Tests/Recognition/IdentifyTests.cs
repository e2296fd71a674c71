using System.Net;
using Dapper;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Recognition;

public sealed class IdentifyTests
{
    [Fact]
    public async Task An_enrolled_person_is_found_on_another_photograph_as_soon_as_the_job_says_so_and_also_after_a_restart()
    {
        using var data = new TestFolder();
        Tenant tenant;
        await using (var host = await TestHost.StartAsync(data: data.Path))
        {
            tenant = await Tenant.CreateAsync(host.Address);
            await tenant.EnrolAsync(BatchBody.Of(("powell", Assets.Lfw("Colin_Powell", 1))).Field("metadata[]", """{"badge": 7}"""));

            var answer = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 2));

            var match = Assert.Single(answer["matches"]!.AsArray())!;
            Assert.Equal("powell", match["external_id"]!.GetValue<string>());
            Assert.Equal(1, match["rank"]!.GetValue<int>());
            Assert.Equal(7, match["metadata"]!["badge"]!.GetValue<int>());
            Assert.InRange(match["similarity"]!.GetValue<double>(), 0.5, 1);
            Assert.InRange(match["cosine"]!.GetValue<double>(), 0.3, 1);
            Assert.Equal(0.5, answer["threshold"]!.GetValue<double>());
            Assert.Equal(1, answer["searched"]!.GetValue<long>());
            Assert.Equal(1, answer["faces_found"]!.GetValue<int>());
            Assert.True(answer["query_time_ms"]!.GetValue<double>() > 0);
        }

        await using var restarted = await TestHost.StartAsync(data: data.Path);
        using var key = restarted.ClientWith("X-API-Key", tenant.ApiKey);
        using var again = await PostAsync(key, tenant.Collection, Assets.Lfw("Colin_Powell", 2));
        Assert.Equal("powell", (await again.JsonAsync())["data"]!["matches"]![0]!["external_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_stranger_matches_nobody_and_that_is_an_answer()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("powell", Assets.Lfw("Colin_Powell"))));

        Assert.Empty((await tenant.IdentifyAsync(Assets.Lfw("Tom_Ridge")))["matches"]!.AsArray());
        Assert.Single((await tenant.IdentifyAsync(Assets.Lfw("Tom_Ridge"), ("threshold", "0")))["matches"]!.AsArray());
    }

    [Fact]
    public async Task A_replaced_reference_is_out_of_search_lists_and_counts_at_once()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1))));
        var old = (await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1)))["matches"]![0]!["face_id"]!.GetValue<string>();

        var job = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2))));

        Assert.Equal("replaced", job["results"]![0]!["outcome"]!.GetValue<string>());
        var now = job["results"]![0]!["face_id"]!.GetValue<string>();
        Assert.NotEqual(old, now);
        var all = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1), ("top_k", "100"), ("threshold", "0"), ("deduplicate", "false"));
        Assert.Equal(now, Assert.Single(all["matches"]!.AsArray())!["face_id"]!.GetValue<string>());
        Assert.Equal(1, all["searched"]!.GetValue<int>());
        Assert.Equal(now, Assert.Single(await tenant.FacesAsync("p"))!["face_id"]!.GetValue<string>());
        using var gone = await tenant.Key.GetAsync($"/api/v1/collections/{tenant.Collection}/faces/{old}");
        Assert.Equal("FACE_NOT_FOUND", await gone.ErrorCodeAsync());
        Assert.Equal(1, (await tenant.GetAsync($"/api/v1/collections/{tenant.Collection}"))["face_count"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_nightly_push_of_the_same_photograph_changes_nothing()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var first = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))));

        var second = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))));

        Assert.Equal("unchanged", second["results"]![0]!["outcome"]!.GetValue<string>());
        Assert.Equal(first["results"]![0]!["face_id"]!.GetValue<string>(), second["results"]![0]!["face_id"]!.GetValue<string>());
        Assert.Single(await tenant.FacesAsync("p"));
    }

    [Fact]
    public async Task Somebody_elses_photograph_does_not_replace_a_person_unless_that_is_allowed()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))));

        var refused = (await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Tom_Ridge")))))["results"]![0]!;
        Assert.Equal("IDENTITY_MISMATCH", refused["error"]!["code"]!.GetValue<string>());
        Assert.InRange(refused["error"]!["details"]!["similarity"]!.GetValue<double>(), 0, 0.5);

        var allowed = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Tom_Ridge"))).Field("allow_identity_change", "true"));
        Assert.Equal("replaced", allowed["results"]![0]!["outcome"]!.GetValue<string>());
    }

    [Fact]
    public async Task Several_references_of_a_person_are_one_match_unless_asked_otherwise()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)), ("p", Assets.Lfw("Colin_Powell", 2)), ("q", Assets.Lfw("Tom_Ridge"))));

        Assert.Equal(["p", "q"], await NamesAsync("true"));
        Assert.Equal(["p", "p", "q"], await NamesAsync("false"));

        async Task<IEnumerable<string>> NamesAsync(string deduplicate) =>
            (await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 3), ("top_k", "10"), ("threshold", "0"), ("deduplicate", deduplicate)))["matches"]!
                .AsArray().Select(match => match!["external_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task As_many_as_are_asked_for_come_in_the_order_of_their_ranks_with_metadata_or_without()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await ManyFaces.AddAsync(host, tenant.Organization, tenant.Collection, 150);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1))).Field("metadata[]", """{"badge": 7}"""));

        var one = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 2), ("threshold", "0"));
        Assert.Equal("p", Assert.Single(one["matches"]!.AsArray())!["external_id"]!.GetValue<string>()); // top_k is 1
        var most = (await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 2), ("threshold", "0"), ("top_k", "100"), ("return_metadata", "false")))["matches"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, 100), most.Select(match => match!["rank"]!.GetValue<int>()));
        Assert.Equal(most.Select(Similarity).OrderDescending(), most.Select(Similarity));
        Assert.All(most, match => Assert.True(match!.AsObject().ContainsKey("metadata") && match["metadata"] is null));
        var sure = (await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 2), ("threshold", "0.5"), ("top_k", "100")))["matches"]!.AsArray();
        Assert.All(sure, match => Assert.InRange(Similarity(match), 0.5, 1));
        Assert.Equal(7, sure[0]!["metadata"]!["badge"]!.GetValue<int>());

        static double Similarity(System.Text.Json.Nodes.JsonNode? match) => match!["similarity"]!.GetValue<double>();
    }

    [Fact]
    public async Task More_candidates_than_a_statement_has_variables_are_looked_through()
    {
        const int Many = 33_000; // SQLite takes 32,766 variables
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await ManyFaces.AddAsync(host, tenant.Organization, tenant.Collection, Many);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1))));
        await host.Get<Database>().WriteAsync(
            tx => tx.Connection!.ExecuteAsync("UPDATE face SET vector = (SELECT vector FROM face WHERE external_id = 'p')", transaction: tx), CancellationToken.None);

        var answer = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1), ("top_k", "2"));

        Assert.Equal(Many + 1, answer["searched"]!.GetValue<int>());
        Assert.Equal(2, answer["matches"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("top_k", "0")]
    [InlineData("top_k", "-1")]
    [InlineData("top_k", "1.0")]
    [InlineData("threshold", "-0.1")]
    [InlineData("return_metadata", "1")]
    [InlineData("top_k", "101")]
    [InlineData("threshold", "1.5")]
    [InlineData("threshold", "NaN")]
    [InlineData("multiple_faces", "match_existing")]
    [InlineData("deduplicate", "yes")]
    [InlineData("colour", "blue")]
    public async Task A_parameter_that_is_wrong_is_refused(string name, string value)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await PostAsync(tenant.Key, tenant.Collection, Assets.Lfw("Tom_Ridge"), (name, value));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("INVALID_REQUEST", await answer.ErrorCodeAsync());
    }

    [Theory]
    [InlineData("nonface/rocket.jpg", "FACE_NOT_DETECTED")]
    [InlineData("broken/truncated.jpg", "UNREADABLE_IMAGE")]
    [InlineData("broken/empty.png", "UNSUPPORTED_FORMAT")]
    public async Task A_probe_without_a_face_to_look_for_is_422(string sample, string code)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await PostAsync(tenant.Key, tenant.Collection, Assets.Sample(sample));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(code, await answer.ErrorCodeAsync());
    }

    [Fact]
    public async Task Several_faces_are_refused_only_when_that_is_asked_for()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var reject = await PostAsync(tenant.Key, tenant.Collection, Assets.Sample("group/t1.jpg"), ("multiple_faces", "reject"));
        Assert.Equal("MULTIPLE_FACES", await reject.ErrorCodeAsync());
        using var largest = await PostAsync(tenant.Key, tenant.Collection, Assets.Sample("group/t1.jpg"));
        Assert.True((await largest.JsonAsync())["data"]!["faces_found"]!.GetValue<int>() > 1);
    }

    [Fact]
    public async Task An_image_that_is_too_large_is_said_to_be_and_a_body_that_is_too_long_is_not_read()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        tenant.Key.DefaultRequestHeaders.ExpectContinue = true;

        using var large = await PostAsync(11);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, large.StatusCode);
        Assert.Equal("IMAGE_TOO_LARGE", await large.ErrorCodeAsync());
        using var tooLong = await PostAsync(70);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLong.StatusCode);
        Assert.Equal("PAYLOAD_TOO_LARGE", await tooLong.ErrorCodeAsync());

        async Task<HttpResponseMessage> PostAsync(int megabytes)
        {
            using var content = new MultipartFormDataContent { { new ByteArrayContent(new byte[megabytes * 1024 * 1024]), "image", "x.jpg" } };
            return await tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/identify", content);
        }
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient key, string collection, string image, params (string Name, string Value)[] fields)
    {
        using var content = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(image)), "image", "probe.jpg" } };
        foreach (var (name, value) in fields) content.Add(new StringContent(value), name);
        return await key.PostAsync($"/api/v1/collections/{collection}/identify", content);
    }
}
