using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Rollcall.Server.Tests.Organizations;

/// <summary>Somebody with an account, and with the access token of one sign-in all the time.</summary>
internal sealed record Colleague(string Id, string Email, HttpClient Client)
{
    public const string Password = "correct horse battery";

    /// <summary>Who has an organization of their own, as everybody who registers does.</summary>
    public static async Task<Colleague> RegisterAsync(TestHost host, string? email = null)
    {
        var request = new JsonObject { ["email"] = email ?? $"{Guid.NewGuid():N}@example.com", ["password"] = Password, ["organization_name"] = "Own" };
        using var answer = await host.Http.PostAsJsonAsync("/api/v1/auth/register", request);
        return await OfAsync(host, answer);
    }

    public static async Task<Colleague> OfOwnerAsync(Tenant tenant)
    {
        using var answer = await tenant.Bearer.GetAsync("/api/v1/me");
        var user = (await answer.JsonAsync())["data"]!["user"]!;
        return new Colleague(user["id"]!.GetValue<string>(), user["email"]!.GetValue<string>(), tenant.Bearer);
    }

    /// <summary>Of the answer to a registration or a joining.</summary>
    public static async Task<Colleague> OfAsync(TestHost host, HttpResponseMessage answer)
    {
        var body = await answer.JsonAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, body.ToJsonString());
        var user = body["data"]!["user"]!;
        return new Colleague(user["id"]!.GetValue<string>(), user["email"]!.GetValue<string>(), host.ClientWith("Authorization", $"Bearer {body["data"]!["access_token"]}"));
    }

    public async Task<HttpStatusCode> SeesAsync(Tenant tenant)
    {
        using var answer = await Client.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch");
        return answer.StatusCode;
    }
}
