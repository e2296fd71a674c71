using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace Rollcall.Server.Tests.Organizations;

/// <summary>Keys that are confined to collections or to addresses.</summary>
public sealed class ConfinedKeyTests
{
    [Fact]
    public async Task A_confined_key_works_in_its_collections_and_is_refused_in_others_on_every_route()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();
        var face = (await tenant.FacesAsync("p"))[0]!["face_id"]!.GetValue<string>();
        var own = await tenant.CreateCollectionAsync();
        using var key = host.ClientWith("X-API-Key", await CreateKeyAsync(tenant, new() { ["collections"] = new JsonArray(own, own) }));
        using var ownSubmit = await key.PostAsync($"/api/v1/collections/{own}/faces/batch-async", BatchBody.Of(("q", Assets.Lfw("Tony_Blair"))).ToContent());
        Assert.Equal(HttpStatusCode.Accepted, ownSubmit.StatusCode);
        var ownJob = (await ownSubmit.JsonAsync())["data"]!["job_id"]!.GetValue<string>();
        await tenant.EndOfAsync(ownJob);

        foreach (var (path, image) in new[]
        {
            ("collections/{0}", false),
            ("organizations/{1}/collections/{0}", false),
            ("collections/{0}/batch/{2}", false),
            ("collections/{0}/batch/{2}?wait=1", false),
            ("organizations/{1}/batch/{2}", false),
            ("organizations/{1}/batch?collection_id={0}", false),
            ("collections/{0}/faces", false),
            ("collections/{0}/identify", true),
        })
        {
            using var allowed = await CallAsync(key, "/api/v1/" + string.Format(null, path, own, tenant.Organization, ownJob), image);
            Assert.True(allowed.StatusCode == HttpStatusCode.OK, path);
            using var refused = await CallAsync(key, "/api/v1/" + string.Format(null, path, tenant.Collection, tenant.Organization, job), image);
            Assert.True(refused.StatusCode == HttpStatusCode.Forbidden, path);
            Assert.Equal("COLLECTION_NOT_ALLOWED", await refused.ErrorCodeAsync());
        }

        using var oneFace = await key.GetAsync($"/api/v1/collections/{tenant.Collection}/faces/{face}");
        Assert.Equal("COLLECTION_NOT_ALLOWED", await oneFace.ErrorCodeAsync());
        using var submit = await key.PostAsync($"/api/v1/collections/{tenant.Collection}/faces/batch-async", BatchBody.Of(("q", Assets.Lfw("Tony_Blair"))).ToContent());
        Assert.Equal("COLLECTION_NOT_ALLOWED", await submit.ErrorCodeAsync());
        using var create = await key.PostAsJsonAsync("/api/v1/collections", new JsonObject { ["name"] = "x" });
        Assert.Equal(HttpStatusCode.Forbidden, create.StatusCode);
        Assert.Equal("COLLECTION_NOT_ALLOWED", await create.ErrorCodeAsync());

        var collections = (await (await key.GetAsync("/api/v1/collections")).JsonAsync())["data"]!["collections"]!.AsArray();
        Assert.Equal(own, Assert.Single(collections)!["id"]!.GetValue<string>());
        var jobs = (await (await key.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch")).JsonAsync())["data"]!["jobs"]!.AsArray();
        Assert.Equal(ownJob, Assert.Single(jobs)!["job_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_is_not_there_or_another_tenants_is_unknown_to_a_confined_key_too()
    {
        await using var host = await TestHost.StartAsync();
        var (tenant, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        var job = (await other.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();
        using var key = host.ClientWith("X-API-Key", await CreateKeyAsync(tenant, new() { ["collections"] = new JsonArray(tenant.Collection) }));

        foreach (var (path, code) in new[]
        {
            ($"collections/{other.Collection}", "COLLECTION_NOT_FOUND"),
            ("collections/col_unknown/faces", "COLLECTION_NOT_FOUND"),
            ($"organizations/{tenant.Organization}/batch/{job}", "BATCH_JOB_NOT_FOUND"),
            ($"collections/{tenant.Collection}/batch/{job}", "BATCH_JOB_NOT_FOUND"),
            ($"organizations/{tenant.Organization}/batch/nonsense", "BATCH_JOB_NOT_FOUND"),
        })
        {
            using var answer = await key.GetAsync($"/api/v1/{path}");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal(code, await answer.ErrorCodeAsync());
        }

        using var foreign = await PostKeyAsync(tenant, new() { ["collections"] = new JsonArray(other.Collection) });
        Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("127.0.0.1", "::ffff:127.0.0.1", true)]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", true)]
    [InlineData("::ffff:10.0.0.0/104", "10.9.8.7", true)]
    [InlineData("10.0.0.0/8", "10.255.1.2", true)]
    [InlineData("10.0.0.0/8", "::ffff:10.255.1.2", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("2001:db8::/32", "2001:db8:1::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("2001:DB8:0::1", "2001:db8::1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "10.0.0.1", false)]
    public async Task A_key_opens_from_its_addresses_alone(string allowed, string caller, bool opens)
    {
        var address = IPAddress.Loopback;
        await using var host = await TestHost.StartAsync(customize: builder => Elsewhere.Comes(builder, () => address));
        var tenant = await Tenant.CreateAsync(host.Address);
        using var key = host.ClientWith("X-API-Key", await CreateKeyAsync(tenant, new() { ["allowed_ips"] = new JsonArray("198.51.100.1", allowed) }));

        address = IPAddress.Parse(caller);
        using var answer = await key.GetAsync($"/api/v1/collections/{tenant.Collection}");

        Assert.Equal(opens ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
        if (!opens) Assert.Equal("IP_NOT_ALLOWED", await answer.ErrorCodeAsync());
        using var free = await tenant.Key.GetAsync($"/api/v1/collections/{tenant.Collection}");
        Assert.Equal(HttpStatusCode.OK, free.StatusCode);
    }

    [Fact]
    public async Task A_key_is_listed_with_what_it_is_confined_to()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        using var created = await PostKeyAsync(
            tenant, new() { ["collections"] = new JsonArray(tenant.Collection), ["allowed_ips"] = new JsonArray("10.0.0.0/8", "::1", "::ffff:127.0.0.1") });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);

        foreach (var key in new[] { (await created.JsonAsync())["data"]!, await FirstKeyAsync(tenant) })
        {
            Assert.Equal($"""["{tenant.Collection}"]""", key["collections"]!.ToJsonString());
            Assert.Equal("""["10.0.0.0/8","::1","127.0.0.1"]""", key["allowed_ips"]!.ToJsonString());
            Assert.Null(key["last_used_at"]);
        }
    }

    [Fact]
    public async Task When_a_key_was_last_used_is_kept_to_the_minute_and_not_for_a_call_that_its_addresses_refuse()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        time.Advance(TimeSpan.FromSeconds(1)); // keys are listed by the time of their making
        using var refused = host.ClientWith("X-API-Key", await CreateKeyAsync(tenant, new() { ["allowed_ips"] = new JsonArray("198.51.100.1") }));
        Assert.Equal(HttpStatusCode.Forbidden, (await refused.GetAsync("/api/v1/collections")).StatusCode);
        Assert.Null((await FirstKeyAsync(tenant))["last_used_at"]);
        time.Advance(TimeSpan.FromSeconds(1));
        using var key = host.ClientWith("X-API-Key", await CreateKeyAsync(tenant, []));

        var first = time.GetUtcNow();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => key.GetAsync("/api/v1/collections")));
        time.Advance(TimeSpan.FromSeconds(59));
        await key.GetAsync("/api/v1/collections");
        Assert.Equal(first, (await FirstKeyAsync(tenant))["last_used_at"]!.GetValue<DateTimeOffset>());

        time.Advance(TimeSpan.FromSeconds(1));
        await key.GetAsync("/api/v1/collections");
        Assert.Equal(time.GetUtcNow(), (await FirstKeyAsync(tenant))["last_used_at"]!.GetValue<DateTimeOffset>());
    }

    private static async Task<JsonNode> FirstKeyAsync(Tenant tenant) =>
        (await (await tenant.Bearer.GetAsync($"/api/v1/organizations/{tenant.Organization}/api-keys?limit=1")).JsonAsync())["data"]!["api_keys"]![0]!;

    private static Task<HttpResponseMessage> PostKeyAsync(Tenant tenant, JsonObject confined)
    {
        confined["name"] = "confined";
        confined["scopes"] = new JsonArray("batch", "faces:read", "faces:write", "identify", "collections");
        return tenant.Bearer.PostAsJsonAsync($"/api/v1/organizations/{tenant.Organization}/api-keys", confined);
    }

    private static async Task<string> CreateKeyAsync(Tenant tenant, JsonObject confined) =>
        (await (await PostKeyAsync(tenant, confined)).JsonAsync())["data"]!["api_key"]!.GetValue<string>();

    private static Task<HttpResponseMessage> CallAsync(HttpClient client, string path, bool image) => image
        ? client.PostAsync(path, new MultipartFormDataContent { { new ByteArrayContent(File.ReadAllBytes(Assets.Lfw("Tony_Blair"))), "image", "x.jpg" } })
        : client.GetAsync(path);
}
