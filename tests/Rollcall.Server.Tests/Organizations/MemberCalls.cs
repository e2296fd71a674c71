using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using static Rollcall.Server.Tests.OpenApi.Calls;

namespace Rollcall.Server.Tests.Organizations;

/// <summary>What tests ask about members, of one organization.</summary>
internal static class MemberCalls
{
    public static string Members(this Tenant tenant, string? id = null) => $"/api/v1/organizations/{tenant.Organization}/members{(id is null ? "" : "/" + id)}";

    public static Task<HttpResponseMessage> AddMemberAsync(this HttpClient client, Tenant tenant, string email, string role) =>
        client.PostAsync(tenant.Members(), JsonBody($$"""{"email": "{{email}}", "role": "{{role}}"}"""));

    public static Task<HttpResponseMessage> AddMemberByIdAsync(this HttpClient client, Tenant tenant, string id, string role) =>
        client.PostAsync(tenant.Members(), JsonBody($$"""{"user_id": "{{id}}", "role": "{{role}}"}"""));

    public static Task<HttpResponseMessage> ChangeMemberAsync(this HttpClient client, Tenant tenant, string id, string role) =>
        client.PatchAsync(tenant.Members(id), JsonBody($$"""{"role": "{{role}}"}"""));

    public static Task<HttpResponseMessage> RemoveMemberAsync(this HttpClient client, Tenant tenant, string id) => client.DeleteAsync(tenant.Members(id));

    public static Task<HttpResponseMessage> JoinAsync(this TestHost host, string token) =>
        host.Http.PostAsJsonAsync("/api/v1/auth/join", new JsonObject { ["token"] = token, ["password"] = Colleague.Password });

    /// <summary>The data of an answer with this status.</summary>
    public static async Task<JsonObject> DataAsync(this Task<HttpResponseMessage> sent, HttpStatusCode status)
    {
        using var answer = await sent;
        var body = await answer.JsonAsync();
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode} {body.ToJsonString()}");
        return body["data"]!.AsObject();
    }

    public static async Task StatusAsync(this Task<HttpResponseMessage> sent, HttpStatusCode status)
    {
        using var answer = await sent;
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    public static Task<JsonObject> ListMembersAsync(this HttpClient client, Tenant tenant) => client.GetAsync(tenant.Members()).DataAsync(HttpStatusCode.OK);

    /// <summary>Who is what, by account.</summary>
    public static async Task<Dictionary<string, string>> RolesAsync(this HttpClient client, Tenant tenant) =>
        (await client.ListMembersAsync(tenant))["members"]!.AsArray().ToDictionary(row => row!["user_id"]!.GetValue<string>(), row => row!["role"]!.GetValue<string>());

    public static async Task<Colleague> MemberAsync(this TestHost host, Tenant tenant, string role)
    {
        var person = await Colleague.RegisterAsync(host);
        await tenant.Bearer.AddMemberAsync(tenant, person.Email, role).StatusAsync(HttpStatusCode.Created);
        return person;
    }
}
