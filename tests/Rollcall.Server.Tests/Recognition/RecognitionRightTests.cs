using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using static Rollcall.Server.Tests.Recognition.ProbeCalls;

namespace Rollcall.Server.Tests.Recognition;

public sealed class RecognitionRightTests
{
    [Theory]
    [InlineData("collections/{0}/verify")]
    [InlineData("compare")]
    [InlineData("detect")]
    public async Task Recognition_takes_a_credential_with_the_scope_identify(string route)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var path = string.Format(provider: null, route, tenant.Collection);
        var image = File("image", Assets.Lfw("Tom_Ridge"));

        await host.Http.SendAsync(path, [image]).RefusedAsync(HttpStatusCode.Unauthorized, "MISSING_CREDENTIALS");
        using var others = await KeyAsync("batch", "faces:read", "faces:write", "collections");
        await others.SendAsync(path, [image]).RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
        using var identify = await KeyAsync("identify");
        using var answer = await identify.SendAsync(path, [image]);
        Assert.NotEqual(HttpStatusCode.Forbidden, answer.StatusCode);

        async Task<HttpClient> KeyAsync(params string[] scopes)
        {
            var body = new JsonObject { ["name"] = "x", ["scopes"] = new JsonArray([.. scopes.Select(scope => JsonValue.Create(scope))]) };
            using var made = await tenant.Bearer.PostAsJsonAsync($"/api/v1/organizations/{tenant.Organization}/api-keys", body);
            return host.ClientWith("X-API-Key", (await made.JsonAsync())["data"]!["api_key"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task The_document_describes_their_forms()
    {
        await using var host = await TestHost.StartAsync();
        var paths = (await (await host.Http.GetAsync("/openapi/v1.json")).JsonAsync())["paths"]!;

        Assert.Equal(["image", "external_id", "face_id", "threshold", "multiple_faces"], PartsOf("collections/{collection_id}/verify"));
        Assert.Equal(["image_a", "image_b", "threshold", "multiple_faces"], PartsOf("compare"));
        Assert.Equal(["image"], PartsOf("detect"));

        IEnumerable<string> PartsOf(string route) =>
            paths[$"/api/v1/{route}"]!["post"]!["requestBody"]!["content"]!["multipart/form-data"]!["schema"]!["properties"]!.AsObject().Select(part => part.Key);
    }
}
