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
        Assert.Equal("standard", collection["model"]!.GetValue<string>());
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
    [InlineData("""{"name": "x", "settings": {"multiple_faces": "match_existing"}}""")]
    [InlineData("""{"name": "x", "settings": {"keep_images": true}}""")]
    [InlineData("""{"name": "x", "settings": {"retention_days": 30}}""")]
    [InlineData("""{"name": "x", "settings": {"colour": "blue"}}""")]
    public async Task One_that_is_asked_for_wrongly_is_refused(string body)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await PostAsync(tenant, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("INVALID_REQUEST", await answer.ErrorCodeAsync());
    }

    private static Task<HttpResponseMessage> PostAsync(Tenant tenant, string body) =>
        tenant.Key.PostAsync("/api/v1/collections", new StringContent(body, Encoding.UTF8, "application/json"));
}
