using System.Net;
using System.Text;

namespace Rollcall.Server.Tests.Collections;

public sealed class CollectionTests
{
    [Fact]
    public async Task A_collection_is_made_from_a_name_alone_and_says_what_it_does_by_default()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await PostAsync(tenant, """{"name": "visitors"}""");

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var collection = (await answer.JsonAsync())["data"]!.AsObject();
        Assert.StartsWith("col_", collection["id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("""{"id":"standard","evaluation":false}""", collection["model"]!.ToJsonString());
        Assert.Equal(0, collection["face_count"]!.GetValue<long>());
        Assert.Equal(
            """{"min_quality":0.4,"on_duplicate":"replace","multiple_faces":"reject","check_liveness":false,"allow_identity_change":false,"identity_guard":null,"identify_threshold":null,"duplicate_threshold":null,"keep_images":false,"retention_days":null}""",
            collection["settings"]!.ToJsonString());
        var read = await tenant.GetAsync($"/api/v1/collections/{collection["id"]}");
        Assert.Equal(collection.ToJsonString(), read.ToJsonString());
        var list = await tenant.GetAsync($"/api/v1/organizations/{tenant.Organization}/collections?limit=1");
        Assert.Equal(collection["id"]!.GetValue<string>(), list["collections"]![0]!["id"]!.GetValue<string>());
        Assert.NotNull(list["next_cursor"]);
    }

    [Fact]
    public async Task Its_settings_are_the_defaults_of_a_job()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["multiple_faces"] = "largest", ["on_duplicate"] = "reject", ["min_quality"] = 0.1 });

        var first = await tenant.EnrolAsync(BatchBody.Of(("blair", Assets.Lfw("Tony_Blair"))));
        var second = await tenant.EnrolAsync(BatchBody.Of(("blair", Assets.Lfw("Tony_Blair", 3))));

        Assert.Equal("enrolled", first["results"]![0]!["outcome"]!.GetValue<string>());
        Assert.Equal("reject", second["on_duplicate"]!.GetValue<string>());
        Assert.Equal("DUPLICATE_EXTERNAL_ID", second["results"]![0]!["error"]!["code"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"name": ""}""")]
    [InlineData("""{"name": null}""")]
    [InlineData("""{"name": "x", "colour": "blue"}""")]
    [InlineData("""{"name": "x", "settings": {"min_quality": 1.1}}""")]
    [InlineData("""{"name": "x\u0000"}""")]
    [InlineData("""{"name": "x", "settings": {"on_duplicate": "overwrite"}}""")]
    [InlineData("""{"name": "x", "settings": {"on_duplicate": "REPLACE"}}""")]
    [InlineData("""{"name": "x", "settings": {"on_duplicate": " reject "}}""")]
    [InlineData("""{"name": "x", "settings": {"on_duplicate": "skip,reject"}}""")]
    [InlineData("""{"name": "x", "settings": {"on_duplicate": 1}}""")]
    [InlineData("""{"name": "x", "settings": {"multiple_faces": "nearest"}}""")]
    [InlineData("""{"name": "x", "settings": {"check_liveness": "yes"}}""")]
    [InlineData("""{"name": "x", "settings": {"duplicate_threshold": 1.5}}""")]
    [InlineData("""{"name": "x", "settings": {"keep_images": "yes"}}""")]
    [InlineData("""{"name": "x", "settings": {"retention_days": 0}}""")]
    [InlineData("""{"name": "x", "settings": {"identify_threshold": -0.1}}""")]
    [InlineData("""{"name": "x", "settings": {"identity_guard": 1.1}}""")]
    [InlineData("""{"name": "x", "settings": {"colour": "blue"}}""")]
    public async Task One_that_is_asked_for_wrongly_is_refused(string body)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await PostAsync(tenant, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("INVALID_REQUEST", await answer.ErrorCodeAsync());
    }

    [Fact]
    public async Task What_is_named_in_a_change_changes_null_goes_back_to_the_default_and_the_rest_stays()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["identity_guard"] = 0.3, ["identify_threshold"] = 0.9, ["min_quality"] = 0.6 });

        foreach (var (body, description, settings) in new[]
        {
            ("{}", "null", (0.6, 0.3, 0.9)),
            ("""{"settings": {"identity_guard": null}}""", "null", (0.6, (double?)null, (double?)0.9)),
            ("""{"description": "who works here", "settings": {"min_quality": 0.5, "identify_threshold": null}}""", "\"who works here\"", (0.5, null, null)),
            ("""{"name": "people", "settings": {"identity_guard": 0}}""", "\"who works here\"", (0.5, 0, null)),
            ("""{"description": null, "settings": {"min_quality": null, "on_duplicate": "append", "multiple_faces": "largest", "allow_identity_change": true}}""", "null", (0.4, 0, null)),
        })
        {
            using var answer = await PatchAsync(tenant, body);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var collection = (await answer.JsonAsync())["data"]!;
            Assert.Equal(description, collection["description"]?.ToJsonString() ?? "null");
            var now = collection["settings"]!;
            Assert.Equal(settings, (now["min_quality"]!.GetValue<double>(), now["identity_guard"]?.GetValue<double>(), now["identify_threshold"]?.GetValue<double>()));
            Assert.Equal(collection.ToJsonString(), (await tenant.GetAsync($"/api/v1/collections/{tenant.Collection}")).ToJsonString());
        }

        var last = await tenant.GetAsync($"/api/v1/organizations/{tenant.Organization}/collections/{tenant.Collection}");
        Assert.Equal("people", last["name"]!.GetValue<string>());
        Assert.Equal("append", last["settings"]!["on_duplicate"]!.GetValue<string>());
        Assert.Equal("largest", last["settings"]!["multiple_faces"]!.GetValue<string>());
        Assert.True(last["settings"]!["allow_identity_change"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_changed_setting_is_the_default_of_the_next_job()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var first = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))));
        Assert.Equal("replace", first["on_duplicate"]!.GetValue<string>());

        await PatchAsync(tenant, """{"settings": {"on_duplicate": "reject"}}""");
        var second = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2))));

        Assert.Equal("DUPLICATE_EXTERNAL_ID", second["results"]![0]!["error"]!["code"]!.GetValue<string>());
        Assert.Equal("replace", (await tenant.PollAsync(first["job_id"]!.GetValue<string>()))["on_duplicate"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"name": ""}""")]
    [InlineData("""{"name": null}""")]
    [InlineData("""{"name": 1}""")]
    [InlineData("""{"colour": "blue"}""")]
    [InlineData("""{"settings": null}""")]
    [InlineData("""{"settings": {"colour": "blue"}}""")]
    [InlineData("""{"settings": {"min_quality": 1.1}}""")]
    [InlineData("""{"settings": {"min_quality": "0.5"}}""")]
    [InlineData("""{"settings": {"on_duplicate": "REPLACE"}}""")]
    [InlineData("""{"settings": {"check_liveness": "yes"}}""")]
    [InlineData("""{"settings": {"multiple_faces": "nearest"}}""")]
    [InlineData("""{"settings": {"duplicate_threshold": 1.5}}""")]
    [InlineData("""{"name": "changed", "settings": {"retention_days": 36501}}""")]
    [InlineData("""[]""")]
    public async Task A_change_that_is_asked_for_wrongly_changes_nothing(string body)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var before = await tenant.GetAsync($"/api/v1/collections/{tenant.Collection}");

        using var answer = await PatchAsync(tenant, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("INVALID_REQUEST", await answer.ErrorCodeAsync());
        Assert.Equal(before.ToJsonString(), (await tenant.GetAsync($"/api/v1/collections/{tenant.Collection}")).ToJsonString());
    }

    private static Task<HttpResponseMessage> PatchAsync(Tenant tenant, string body) =>
        tenant.Key.PatchAsync($"/api/v1/collections/{tenant.Collection}", new StringContent(body, Encoding.UTF8, "application/json"));

    private static Task<HttpResponseMessage> PostAsync(Tenant tenant, string body) =>
        tenant.Key.PostAsync("/api/v1/collections", new StringContent(body, Encoding.UTF8, "application/json"));
}
