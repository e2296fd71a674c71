using System.Net;
using System.Text.Json.Nodes;

namespace Rollcall.Server.Tests.Recognition;

/// <summary>Forms of images and fields as a caller sends them.</summary>
internal static class ProbeCalls
{
    public static (string Name, byte[] Bytes) File(string name, string path) => (name, System.IO.File.ReadAllBytes(path));

    public static async Task<HttpResponseMessage> SendAsync(
        this HttpClient client, string route, IEnumerable<(string Name, byte[] Bytes)> images, params (string Name, string Value)[] fields)
    {
        using var content = new MultipartFormDataContent();
        foreach (var (name, bytes) in images) content.Add(new ByteArrayContent(bytes), name, "probe.jpg");
        foreach (var (name, value) in fields) content.Add(new StringContent(value), name);
        return await client.PostAsync($"/api/v1/{route}", content);
    }

    public static async Task<JsonObject> DataAsync(this Task<HttpResponseMessage> sent)
    {
        using var response = await sent;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!["data"]!.AsObject();
    }

    /// <summary>Expects that status and code; the error.</summary>
    public static async Task<JsonObject> RefusedAsync(this Task<HttpResponseMessage> sent, HttpStatusCode status, string code)
    {
        using var response = await sent;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, text);
        var error = JsonNode.Parse(text)!["error"]!.AsObject();
        Assert.Equal(code, error["code"]!.GetValue<string>());
        return error;
    }
}
