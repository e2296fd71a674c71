using System.Text.Json.Nodes;

namespace Rollcall.Server.Tests;

internal static class Answers
{
    public static async Task<JsonObject> JsonAsync(this HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();

    public static async Task<string?> ErrorCodeAsync(this HttpResponseMessage response) =>
        (await response.JsonAsync())["error"]?["code"]?.GetValue<string>();
}
