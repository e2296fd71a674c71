using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Cli.Tests;
using Rollcall.Server.Tests;

[assembly: AssemblyFixture(typeof(LiveServer))]

namespace Rollcall.Cli.Tests;

/// <summary>The server as a process of its own, with an organization and a key, for all tests.</summary>
public sealed class LiveServer : IAsyncLifetime
{
    public const string Email = "owner@example.com";
    public const string Password = "correct horse battery";

    private readonly TestFolder _folder = new();
    private readonly HttpClient _http = new();
    private ServerProcess? _process;

    public Uri Address => _process!.Address;

    public string Organization { get; private set; } = "";

    public string ApiKey { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        _process = await ServerProcess.StartAsync(_folder.Path, Assets.Models);
        var registered = await PostAsync("auth/register", new JsonObject { ["email"] = Email, ["password"] = Password, ["organization_name"] = "Example" }, null);
        Organization = registered["organization"]!["id"]!.GetValue<string>();
        var body = new JsonObject { ["name"] = "tests", ["scopes"] = new JsonArray("batch", "faces:read", "faces:write", "identify", "collections") };
        ApiKey = (await PostAsync($"organizations/{Organization}/api-keys", body, registered["access_token"]!.GetValue<string>()))["api_key"]!.GetValue<string>();
        _http.DefaultRequestHeaders.Add("X-API-Key", ApiKey);
    }

    /// <summary>A new collection; its id.</summary>
    public async Task<string> CollectionAsync(string name = "staff") =>
        (await PostAsync("collections", new JsonObject { ["name"] = name }, null))["id"]!.GetValue<string>();

    /// <summary>Every reference of a collection.</summary>
    public Task<List<JsonObject>> FacesAsync(string collection) => ListAsync($"collections/{collection}/faces?", "faces");

    /// <summary>Every job of a collection, the newest first.</summary>
    public Task<List<JsonObject>> JobsAsync(string collection) => ListAsync($"organizations/{Organization}/batch?collection_id={collection}&", "jobs");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_process is not null) await _process.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<List<JsonObject>> ListAsync(string path, string name)
    {
        List<JsonObject> list = [];
        for (string? cursor = ""; cursor is not null;)
        {
            using var response = await _http.GetAsync(new Uri(Address, $"api/v1/{path}limit=200{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}"));
            var page = await DataAsync(response);
            list.AddRange(page[name]!.AsArray().Select(one => one!.AsObject()));
            cursor = page["next_cursor"]?.GetValue<string>();
        }

        return list;
    }

    private async Task<JsonObject> PostAsync(string path, JsonObject body, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, $"api/v1/{path}")) { Content = JsonContent.Create(body) };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await _http.SendAsync(request);
        return await DataAsync(response);
    }

    private static async Task<JsonObject> DataAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["data"]!.AsObject();
    }
}
