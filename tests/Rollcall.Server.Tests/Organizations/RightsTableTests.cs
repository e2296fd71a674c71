using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.AspNetCore.Routing;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Organizations;

/// <summary>The contract's rights, for each role and each scope over every route, and what organization a person speaks for.</summary>
public sealed class RightsTableTests
{
    private const string Viewer = "viewer member admin owner";
    private const string Member = "member admin owner";
    private const string Admin = "admin owner";
    private const string AnyScope = "batch faces:read faces:write identify collections";

    private static readonly string[] Roles = Viewer.Split(' ');

    /// <summary>These look at what comes in the body.</summary>
    private static readonly string[] Open =
        ["POST auth/register", "POST auth/login", "POST auth/refresh", "POST auth/logout", "POST auth/join"];

    /// <summary>Routes of the contract that this version lacks are in it too: they are tried once they are there.</summary>
    private static readonly (string Routes, string Roles, string Scopes)[] Table =
    [
        ("POST collections/{collection_id}/faces/batch-async, POST collections/{collection_id}/faces/batch", Member, "batch"),
        ("POST {job}/cancel, POST {job}/retry, POST {job}/undo, DELETE {job}", Member, "batch"),
        ("GET organizations/{org_id}/batch, GET {job}, GET {job}/events, GET {job}/look-alikes", Viewer, "batch faces:read"),
        ("GET collections/{collection_id}/faces, GET collections/{collection_id}/faces/{face_id}", Viewer, "faces:read"),
        ("POST collections/{collection_id}/faces, DELETE collections/{collection_id}/faces", Member, "faces:write"),
        ("PATCH collections/{collection_id}/faces/{face_id}, DELETE collections/{collection_id}/faces/{face_id}", Member, "faces:write"),
        ("POST collections/{collection_id}/identify, POST collections/{collection_id}/verify, POST compare, POST detect", Member, "identify"),
        ("GET {collections}, GET {collections}/{collection_id}", Viewer, AnyScope),
        ("POST {collections}, PATCH {collections}/{collection_id}, DELETE {collections}/{collection_id}", Admin, "collections"),
        ("GET collections/{collection_id}/suppressions, DELETE collections/{collection_id}/suppressions", Admin, "collections"),
        ("DELETE {org}", "owner", ""),
        ("GET {org}/api-keys, POST {org}/api-keys, DELETE {org}/api-keys/{key_id}", Admin, ""),
        ("GET {org}/members, POST {org}/members, PATCH {org}/members/{user_id}, DELETE {org}/members/{user_id}", Admin, ""),
        ("GET {org}/webhooks, POST {org}/webhooks, DELETE {org}/webhooks/{webhook_id}", Admin, ""),
        ("GET {org}/webhooks/{webhook_id}/deliveries, POST {org}/webhooks/{webhook_id}/test", Admin, ""),
        ("GET {org}/audit-log, GET {org}/audit-log/verify, GET {org}/audit-log/export", Admin, ""),
    ];

    [Fact]
    public async Task Every_role_and_every_scope_opens_what_the_contract_says_and_nothing_else()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var keys = new Dictionary<string, HttpClient>();
        foreach (var scope in AnyScope.Split(' '))
            keys[scope] = host.ClientWith("X-API-Key", await tenant.CreateKeyAsync(new() { ["scopes"] = new JsonArray(scope) }));
        var routes = Routes().Where(row => Mapped(host).Contains(Shape(row.Route))).ToList();
        Assert.InRange(routes.Count, 20, int.MaxValue);

        var wrong = new List<string>();
        foreach (var (route, roles, scopes) in routes)
        {
            foreach (var (scope, key) in keys) await TryAsync(key, scope, route, scopes.Split(' ').Contains(scope));
            foreach (var role in Roles)
            {
                await SetRoleAsync(host, tenant, role); // the same token all the time: a role is what it is now
                await TryAsync(tenant.Bearer, role, route, roles.Split(' ').Contains(role));
            }
        }

        Assert.Empty(wrong);

        async Task TryAsync(HttpClient client, string who, string route, bool allowed)
        {
            using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), "/api/v1/" + Fill(route.Split(' ')[1], tenant));
            using var answer = await client.SendAsync(request);
            var code = answer.IsSuccessStatusCode ? null : await answer.ErrorCodeAsync();
            var right = allowed
                ? answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.InternalServerError)
                : answer.StatusCode == HttpStatusCode.Forbidden && code == "INSUFFICIENT_SCOPE";
            if (!right) wrong.Add($"{who} on {route}: {(int)answer.StatusCode} {code}");
        }
    }

    [Fact]
    public async Task Every_route_but_the_open_ones_asks_for_a_credential()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var mapped = Mapped(host).Except(Open).ToList();
        Assert.Equal([], mapped.Except(Routes().Select(row => Shape(row.Route))).Except(["GET me", "GET organizations/{org_id}/usage"])); // what has no line in the table

        foreach (var route in mapped)
        {
            using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), "/api/v1/" + Fill(route.Split(' ')[1], tenant));
            using var answer = await host.Http.SendAsync(request);
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{route}: {answer.StatusCode}");
            Assert.Equal("MISSING_CREDENTIALS", await answer.ErrorCodeAsync());
        }
    }

    [Theory]
    [InlineData("viewer", false)]
    [InlineData("member", false)]
    [InlineData("admin", true)]
    [InlineData("owner", true)]
    public async Task Nobody_grants_more_than_they_hold(string role, bool may)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await SetRoleAsync(host, tenant, role);
        var path = $"/api/v1/organizations/{tenant.Organization}/api-keys";

        foreach (var scopes in new[] { AnyScope, "faces:read" })
        {
            var body = new JsonObject { ["name"] = "x", ["scopes"] = new JsonArray([.. scopes.Split(' ').Select(scope => JsonValue.Create(scope))]) };
            using var person = await tenant.Bearer.PostAsJsonAsync(path, body);
            Assert.Equal(may ? HttpStatusCode.Created : HttpStatusCode.Forbidden, person.StatusCode);
            using var key = await tenant.Key.PostAsJsonAsync(path, body); // one with every scope that there is
            Assert.Equal("INSUFFICIENT_SCOPE", await key.ErrorCodeAsync());
        }
    }

    [Fact]
    public async Task Who_is_taken_out_of_an_organization_is_out_at_once_and_keeps_the_others()
    {
        await using var host = await TestHost.StartAsync();
        var (one, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        var account = (await (await one.Bearer.GetAsync("/api/v1/me")).JsonAsync())["data"]!["user"]!["id"]!.GetValue<string>();
        await ExecuteAsync(host, "INSERT INTO member (account_id, organization_id, role, created_at) VALUES (@account, @Organization, 'admin', 0)", new { account, other.Organization });

        await AnswersAsync(null, "collections", HttpStatusCode.BadRequest, "INVALID_REQUEST"); // which of the two?
        await AnswersAsync(other.Organization, "collections", HttpStatusCode.OK);
        await AnswersAsync(one.Organization, "collections", HttpStatusCode.OK);
        await AnswersAsync(null, $"organizations/{other.Organization}/api-keys", HttpStatusCode.OK);
        await AnswersAsync(other.Organization, $"organizations/{other.Organization}/api-keys", HttpStatusCode.OK);
        await AnswersAsync(one.Organization, $"organizations/{other.Organization}/api-keys", HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await AnswersAsync("org_unknown", "collections", HttpStatusCode.NotFound, "NOT_FOUND");

        await ExecuteAsync(host, "DELETE FROM member WHERE account_id = @account AND organization_id = @Organization", new { account, other.Organization });

        await AnswersAsync(other.Organization, "collections", HttpStatusCode.NotFound, "NOT_FOUND");
        await AnswersAsync(null, $"organizations/{other.Organization}/api-keys", HttpStatusCode.NotFound, "NOT_FOUND");
        await AnswersAsync(null, "collections", HttpStatusCode.OK);

        async Task AnswersAsync(string? header, string path, HttpStatusCode status, string? code = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/{path}");
            if (header is not null) request.Headers.Add("X-Organization-Id", header);
            using var answer = await one.Bearer.SendAsync(request);
            Assert.Equal((status, code), (answer.StatusCode, await answer.ErrorCodeAsync()));
        }
    }

    [Fact]
    public async Task A_key_is_nobody_who_could_be_asked_about_or_log_out()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var me = await tenant.Key.GetAsync("/api/v1/me");
        using var logout = await tenant.Key.PostAsync("/api/v1/auth/logout", null);

        Assert.Equal((HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE"), (me.StatusCode, await me.ErrorCodeAsync()));
        Assert.Equal((HttpStatusCode.Unauthorized, "MISSING_CREDENTIALS"), (logout.StatusCode, await logout.ErrorCodeAsync()));
        Assert.Equal(HttpStatusCode.OK, (await tenant.Key.GetAsync("/api/v1/collections")).StatusCode);
    }

    private static IEnumerable<(string Route, string Roles, string Scopes)> Routes() =>
        from row in Table
        from route in row.Routes.Split(", ")
        from spelt in Spelt(route)
        select (spelt, row.Roles, row.Scopes);

    /// <summary>A job and the collections are at two addresses.</summary>
    private static string[] Spelt(string route) =>
    [
        .. new[]
        {
            route.Replace("{job}", "organizations/{org_id}/batch/{job_id}", StringComparison.Ordinal).Replace("{collections}", "collections", StringComparison.Ordinal),
            route.Replace("{job}", "collections/{collection_id}/batch/{job_id}", StringComparison.Ordinal).Replace("{collections}", "organizations/{org_id}/collections", StringComparison.Ordinal),
        }.Select(spelt => spelt.Replace("{org}", "organizations/{org_id}", StringComparison.Ordinal)).Distinct(),
    ];

    private static HashSet<string> Mapped(TestHost host) =>
    [
        .. from endpoint in host.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           let path = "/" + endpoint.RoutePattern.RawText!.Trim('/')
           where path.StartsWith("/api/v1/", StringComparison.Ordinal) && !path.StartsWith(Reference.Path, StringComparison.Ordinal)
           from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
           select Shape($"{method} {path["/api/v1/".Length..]}"),
    ];

    /// <summary>What a route's parameters are called does not make it another, but for those that name an organization, a collection or a job.</summary>
    private static string Shape(string route) => string.Join('/', route.Split('/').Select(part =>
        part.StartsWith('{') && part is not ("{org_id}" or "{collection_id}" or "{job_id}") ? "{}" : part));

    /// <summary>The organization is one's own; everything else does not exist, so that who may do it does no harm.</summary>
    private static string Fill(string path, Tenant tenant) => string.Join('/', path.Split('/').Select(part =>
        part == "{org_id}" ? tenant.Organization : part.StartsWith('{') ? "unknown" : part));

    private static Task SetRoleAsync(TestHost host, Tenant tenant, string role) =>
        ExecuteAsync(host, "UPDATE member SET role = @role WHERE organization_id = @Organization", new { role, tenant.Organization });

    private static Task ExecuteAsync(TestHost host, string sql, object parameters) =>
        host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, parameters, tx), CancellationToken.None);
}
