using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Rollcall.Server.Tests;

/// <summary>An organization of its own with a key for everything and a collection, over plain HTTP as a customer would.</summary>
internal sealed class Tenant
{
    private static int _registered;

    private Tenant(Uri server, HttpClient key, HttpClient bearer, string organization, string collection) =>
        (Server, Key, Bearer, Organization, Collection) = (server, key, bearer, organization, collection);

    public Uri Server { get; }

    public HttpClient Key { get; }

    public HttpClient Bearer { get; }

    public string Organization { get; }

    public string Collection { get; }

    public string ApiKey => Key.DefaultRequestHeaders.GetValues("X-API-Key").Single();

    public string Token => Bearer.DefaultRequestHeaders.Authorization!.Parameter!;

    public static async Task<Tenant> CreateAsync(Uri server, JsonObject? settings = null)
    {
        var bearer = new HttpClient { BaseAddress = server };
        var registered = await PostAsync(bearer, "/api/v1/auth/register", new JsonObject
        {
            ["email"] = $"owner{Interlocked.Increment(ref _registered)}@example.com",
            ["password"] = "correct horse battery",
            ["organization_name"] = "Example",
        });
        bearer.DefaultRequestHeaders.Authorization = new("Bearer", registered["access_token"]!.GetValue<string>());
        var organization = registered["organization"]!["id"]!.GetValue<string>();
        var created = await PostAsync(bearer, $"/api/v1/organizations/{organization}/api-keys", new JsonObject
        {
            ["name"] = "tests",
            ["scopes"] = new JsonArray("batch", "faces:read", "faces:write", "identify", "collections"),
        });

        var key = new HttpClient { BaseAddress = server };
        key.DefaultRequestHeaders.Add("X-API-Key", created["api_key"]!.GetValue<string>());
        var tenant = new Tenant(server, key, bearer, organization, "");
        return new Tenant(server, key, bearer, organization, await tenant.CreateCollectionAsync(settings));
    }

    public async Task<string> CreateCollectionAsync(JsonObject? settings = null)
    {
        var body = new JsonObject { ["name"] = "staff" };
        if (settings is not null) body["settings"] = settings;
        return (await PostAsync(Key, "/api/v1/collections", body))["id"]!.GetValue<string>();
    }

    /// <summary>A key made by the owner; its text.</summary>
    public async Task<string> CreateKeyAsync(JsonObject body)
    {
        body["name"] ??= "another";
        return (await PostAsync(Bearer, $"/api/v1/organizations/{Organization}/api-keys", body))["api_key"]!.GetValue<string>();
    }

    /// <summary>Submits and expects 202; the answer's data.</summary>
    public async Task<JsonObject> SubmitAsync(BatchBody body)
    {
        using var response = await PostAsync(body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, text);
        return JsonNode.Parse(text)!["data"]!.AsObject();
    }

    public Task<HttpResponseMessage> PostAsync(BatchBody body) =>
        Key.PostAsync($"/api/v1/collections/{Collection}/faces/batch-async", body.ToContent());

    /// <summary>Submits slowly: the last part is sent when the test lets it go.</summary>
    public Task<HttpResponseMessage> PostAsync(BatchBody body, Task release)
    {
        var content = body.ToContent();
        content.Add(new HeldContent(release), "min_quality");
        return Key.PostAsync($"/api/v1/collections/{Collection}/faces/batch-async", content);
    }

    /// <summary>Submits, polls to the end, and returns the finished job.</summary>
    public async Task<JsonObject> EnrolAsync(BatchBody body) => await EndOfAsync((await SubmitAsync(body))["job_id"]!.GetValue<string>());

    public async Task<JsonObject> PollAsync(string job, string query = "") => await GetAsync($"/api/v1/organizations/{Organization}/batch/{job}{query}");

    public async Task<JsonObject> EndOfAsync(string job)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var answer = await PollAsync(job);
            JobInvariants.Check(answer);
            if (answer["status"]!.GetValue<string>() is "done" or "failed") return answer;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }
    }

    public async Task<JsonObject> GetAsync(string path)
    {
        using var response = await Key.GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["data"]!.AsObject();
    }

    public async Task<JsonArray> FacesAsync(string externalId) =>
        (await GetAsync($"/api/v1/collections/{Collection}/faces?limit=200&external_id={Uri.EscapeDataString(externalId)}"))["faces"]!.AsArray();

    public async Task<JsonObject> IdentifyAsync(string image, params (string Name, string Value)[] fields)
    {
        using var content = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(image)), "image", "probe.jpg" } };
        foreach (var (name, value) in fields) content.Add(new StringContent(value), name);
        using var response = await Key.PostAsync($"/api/v1/collections/{Collection}/identify", content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["data"]!.AsObject();
    }

    private static async Task<JsonObject> PostAsync(HttpClient client, string path, JsonObject body)
    {
        using var response = await client.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["data"]!.AsObject();
    }
}
