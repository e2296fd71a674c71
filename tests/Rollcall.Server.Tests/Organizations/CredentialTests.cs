using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace Rollcall.Server.Tests.Organizations;

public sealed class CredentialTests
{
    [Fact]
    public async Task A_route_without_credential_says_how_to_send_one()
    {
        await using var host = await TestHost.StartAsync();

        using var answer = await host.Http.GetAsync("/api/v1/collections");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("MISSING_CREDENTIALS", await answer.ErrorCodeAsync());
    }

    [Theory]
    [InlineData("X-API-Key", "rc_live_0000", "INVALID_API_KEY")]
    [InlineData("X-API-Key", "", "MISSING_CREDENTIALS")]
    [InlineData("Authorization", "Bearer rubbish", "TOKEN_INVALID")]
    [InlineData("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "TOKEN_INVALID")]
    [InlineData("Authorization", "Basic YTpi", "TOKEN_INVALID")]
    public async Task A_credential_that_is_none_is_refused(string header, string value, string code)
    {
        await using var host = await TestHost.StartAsync();
        using var client = host.ClientWith(header, value);

        using var answer = await client.GetAsync("/api/v1/collections");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(code, await answer.ErrorCodeAsync());
    }

    [Fact]
    public async Task Both_credentials_at_once_are_one_too_many()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        tenant.Key.DefaultRequestHeaders.Authorization = tenant.Bearer.DefaultRequestHeaders.Authorization;

        using var answer = await tenant.Key.GetAsync("/api/v1/collections");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("INVALID_REQUEST", await answer.ErrorCodeAsync());
    }

    [Fact]
    public async Task A_batch_whose_key_is_revoked_while_it_is_sent_is_refused_and_leaves_nothing()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var keys = $"/api/v1/organizations/{tenant.Organization}/api-keys";
        using var listed = await tenant.Bearer.GetAsync(keys);
        var id = (await listed.JsonAsync())["data"]!["api_keys"]![0]!["id"]!;
        var blobs = Path.Combine(host.Data, "blobs");

        var release = new TaskCompletionSource();
        var sending = tenant.PostAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))), release.Task);
        await Eventually.TrueAsync(() => Directory.EnumerateFiles(blobs, "*", SearchOption.AllDirectories).Any());
        using var revoked = await tenant.Bearer.DeleteAsync($"{keys}/{id}");
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        release.SetResult();

        using var refused = await sending;
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("INVALID_API_KEY", await refused.ErrorCodeAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(blobs));
        using var jobs = await tenant.Bearer.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch");
        Assert.Empty((await jobs.JsonAsync())["data"]!["jobs"]!.AsArray());
    }

    [Theory]
    [InlineData("batch", "faces/batch-async", "identify", "collections")]
    [InlineData("faces:read", "faces", "faces/batch-async", "identify")]
    [InlineData("identify", "identify", "faces", "faces/batch-async")]
    public async Task A_key_does_what_its_scope_says_and_nothing_else(string scope, string allowed, params string[] refused)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        using var key = host.ClientWith("X-API-Key", await CreateKeyAsync(tenant, scope));

        Assert.NotEqual(HttpStatusCode.Forbidden, (await CallAsync(key, tenant, allowed)).StatusCode);
        foreach (var route in refused)
        {
            using var answer = await CallAsync(key, tenant, route);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal("INSUFFICIENT_SCOPE", await answer.ErrorCodeAsync());
        }

        using var read = await key.GetAsync($"/api/v1/collections/{tenant.Collection}");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode); // any scope reads collections
        using var keys = await key.GetAsync($"/api/v1/organizations/{tenant.Organization}/api-keys");
        Assert.Equal(HttpStatusCode.Forbidden, keys.StatusCode);
    }

    [Fact]
    public async Task A_key_is_shown_once_listed_without_its_text_and_dead_once_revoked()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var keys = $"/api/v1/organizations/{tenant.Organization}/api-keys";

        var listed = await (await tenant.Bearer.GetAsync(keys)).JsonAsync();
        Assert.DoesNotContain(tenant.ApiKey, listed.ToJsonString(), StringComparison.Ordinal);
        var id = listed["data"]!["api_keys"]![0]!["id"]!.GetValue<string>();

        Assert.Equal(HttpStatusCode.NoContent, (await tenant.Bearer.DeleteAsync($"{keys}/{id}")).StatusCode);
        Assert.Equal("INVALID_API_KEY", await (await tenant.Key.GetAsync("/api/v1/collections")).ErrorCodeAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await tenant.Bearer.DeleteAsync($"{keys}/{id}")).StatusCode);
    }

    [Fact]
    public async Task A_key_ends_when_it_expires()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        using var key = host.ClientWith("X-API-Key", await CreateKeyAsync(tenant, "batch", time.GetUtcNow().AddMinutes(10)));

        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync("/api/v1/collections")).StatusCode);
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(HttpStatusCode.Unauthorized, (await key.GetAsync("/api/v1/collections")).StatusCode);
    }

    [Theory]
    [InlineData("""{"name": "x", "scopes": []}""")]
    [InlineData("""{"name": "x", "scopes": ["everything"]}""")]
    [InlineData("""{"name": " ", "scopes": ["batch"]}""")]
    [InlineData("""{"name": "x"}""")]
    [InlineData("""{"name": "x", "scopes": [null]}""")]
    [InlineData("""{"name": "x", "scopes": ["batch"], "colour": "blue"}""")]
    [InlineData("""{"name": "x", "scopes": ["batch"], "allowed_ips": []}""")]
    [InlineData("""{"name": "x", "scopes": ["batch"], "allowed_ips": [null]}""")]
    [InlineData("""{"name": "x", "scopes": ["batch"], "allowed_ips": ["localhost"]}""")]
    [InlineData("""{"name": "x", "scopes": ["batch"], "allowed_ips": ["127.1"]}""")]
    [InlineData("""{"name": "x", "scopes": ["batch"], "allowed_ips": ["10.0.0.1/8"]}""")]
    [InlineData("""{"name": "x", "scopes": ["batch"], "allowed_ips": ["10.0.0.0/33"]}""")]
    [InlineData("""{"name": "x", "scopes": ["batch"], "allowed_ips": ["fe80::1%eth0"]}""")]
    [InlineData("""{"name": "x", "scopes": ["batch"], "collections": []}""")]
    [InlineData("""{"name": "x", "scopes": ["batch"], "collections": [null]}""")]
    [InlineData("""{"name": "x", "scopes": ["batch"], "collections": ["col_unknown"]}""")]
    [InlineData("""{"name": "x", "scopes": ["batch"], "expires_at": "2020-01-01T00:00:00Z"}""")]
    [InlineData("""{"name": 1}""")]
    [InlineData("""{""")]
    public async Task A_key_that_is_asked_for_wrongly_is_refused(string body)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await tenant.Bearer.PostAsync(
            $"/api/v1/organizations/{tenant.Organization}/api-keys", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("INVALID_REQUEST", await answer.ErrorCodeAsync());
    }

    [Fact]
    public async Task Another_tenants_ids_answer_as_unknown_ones()
    {
        await using var host = await TestHost.StartAsync();
        var (one, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        var job = (await other.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();
        var face = (await other.FacesAsync("p"))[0]!["face_id"]!.GetValue<string>();

        foreach (var path in new[]
        {
            $"organizations/{other.Organization}/batch/{job}",
            $"organizations/{one.Organization}/batch/{job}",
            $"organizations/{other.Organization}/batch",
            $"organizations/{other.Organization}/collections",
            $"collections/{other.Collection}",
            $"collections/{other.Collection}/batch/{job}",
            $"collections/{other.Collection}/faces",
            $"collections/{other.Collection}/faces/{face}",
            $"collections/{one.Collection}/faces/{face}",
            $"collections/{one.Collection}/batch/{job}",
        })
        {
            foreach (var client in new[] { one.Key, one.Bearer })
            {
                using var answer = await client.GetAsync($"/api/v1/{path}");
                Assert.True(answer.StatusCode == HttpStatusCode.NotFound, path);
            }
        }

        using var probe = await CallAsync(one.Key, other, "identify");
        Assert.Equal(HttpStatusCode.NotFound, probe.StatusCode);
        using var keys = await one.Bearer.GetAsync($"/api/v1/organizations/{other.Organization}/api-keys");
        Assert.Equal(HttpStatusCode.NotFound, keys.StatusCode);
        Assert.Empty((await one.GetAsync($"/api/v1/organizations/{one.Organization}/batch"))["jobs"]!.AsArray());
    }

    [Fact]
    public async Task The_organization_may_be_named_in_a_header_and_must_not_contradict_the_path()
    {
        await using var host = await TestHost.StartAsync();
        var (one, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));

        one.Bearer.DefaultRequestHeaders.Add("X-Organization-Id", one.Organization);
        Assert.Equal(HttpStatusCode.OK, (await one.Bearer.GetAsync("/api/v1/collections")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await one.Bearer.GetAsync($"/api/v1/organizations/{other.Organization}/batch")).StatusCode);

        one.Key.DefaultRequestHeaders.Add("X-Organization-Id", other.Organization);
        Assert.Equal(HttpStatusCode.NotFound, (await one.Key.GetAsync("/api/v1/collections")).StatusCode);
    }

    private static async Task<string> CreateKeyAsync(Tenant tenant, string scope, DateTimeOffset? expires = null)
    {
        var body = new JsonObject { ["name"] = scope, ["scopes"] = new JsonArray(scope) };
        if (expires is not null) body["expires_at"] = expires;
        using var answer = await tenant.Bearer.PostAsJsonAsync($"/api/v1/organizations/{tenant.Organization}/api-keys", body);
        return (await answer.JsonAsync())["data"]!["api_key"]!.GetValue<string>();
    }

    private static Task<HttpResponseMessage> CallAsync(HttpClient client, Tenant tenant, string route)
    {
        var path = $"/api/v1/collections/{tenant.Collection}/{route}";
        return route switch
        {
            "faces" => client.GetAsync(path),
            "collections" => client.PostAsJsonAsync("/api/v1/collections", new JsonObject { ["name"] = "x" }),
            "identify" => client.PostAsync(path, new MultipartFormDataContent { { new ByteArrayContent([1]), "image", "x.jpg" } }),
            _ => client.PostAsync(path, new BatchBody().Image("a", [1]).ToContent()),
        };
    }
}
