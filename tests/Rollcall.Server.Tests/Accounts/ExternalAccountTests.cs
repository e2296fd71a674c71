using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Rollcall.Server.Tests.Accounts;

/// <summary>Who comes with a token of the issuer, and what they may do here.</summary>
public sealed class ExternalAccountTests : OpenIdConnectFixture
{
    [Fact]
    public async Task Who_theProvider_knows_has_an_account_from_the_first_token_on_and_the_memberships_that_it_is_given_here()
    {
        await StartAsync();
        var (one, other) = (await Tenant.CreateAsync(Host.Address), await Tenant.CreateAsync(Host.Address));

        var me = await MeAsync(Provider.Token());
        var id = me["user"]!["id"]!.GetValue<string>();
        Assert.StartsWith("user_", id, StringComparison.Ordinal);
        Assert.Equal("anna@example.com", me["user"]!["email"]!.GetValue<string>());
        Assert.Empty(me["organizations"]!.AsArray());
        await RefusedAsync(Provider.Token(), HttpStatusCode.NotFound, "NOT_FOUND", "collections");

        await JoinAsync(id, one.Organization, "viewer");
        await JoinAsync(id, other.Organization, "admin");
        Time.Advance(TimeSpan.FromSeconds(1));
        var later = await MeAsync(Provider.Token());
        Assert.Equal(id, later["user"]!["id"]!.GetValue<string>());
        Assert.Equal(2, later["organizations"]!.AsArray().Count);
        Assert.NotEqual(id, (await MeAsync(Provider.Token("bert")))["user"]!["id"]!.GetValue<string>());

        await RefusedAsync(Provider.Token(), HttpStatusCode.BadRequest, "INVALID_REQUEST", "collections");
        using var client = ClientOf(Provider.Token());
        client.DefaultRequestHeaders.Add("X-Organization-Id", other.Organization);
        Assert.Equal(HttpStatusCode.Created, (await client.PostAsJsonAsync("/api/v1/collections", new JsonObject { ["name"] = "x" })).StatusCode);
        client.DefaultRequestHeaders.Remove("X-Organization-Id");
        client.DefaultRequestHeaders.Add("X-Organization-Id", one.Organization);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/collections")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsJsonAsync("/api/v1/collections", new JsonObject { ["name"] = "x" })).StatusCode);

        await ExecuteAsync("DELETE FROM member WHERE account_id = @id", new { id });
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/v1/collections")).StatusCode);
    }

    [Fact]
    public async Task Of_many_first_requests_at_once_one_makes_the_account()
    {
        await StartAsync();
        var token = Provider.Token();

        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await MeAsync(token))["user"]!["id"]!.GetValue<string>()));

        Assert.Single(ids.Distinct());
        Assert.Equal(1, Provider.Asked);
    }

    [Fact]
    public async Task An_address_never_leads_to_an_account_that_is_here_already_nor_the_other_way_round()
    {
        await StartAsync();
        var registration = new JsonObject { ["email"] = "anna@example.com", ["password"] = "correct horse battery", ["organization_name"] = "Example" };
        using var registered = await Host.Http.PostAsJsonAsync("/api/v1/auth/register", registration);
        var own = (await registered.JsonAsync())["data"]!["user"]!["id"]!.GetValue<string>();

        var me = await MeAsync(Provider.Token(claims: claims => claims["email_verified"] = true));
        Assert.NotEqual(own, me["user"]!["id"]!.GetValue<string>());
        Assert.Empty(me["organizations"]!.AsArray());

        // Who came from the issuer first does not hold the address, and has no password, not even an empty one.
        await MeAsync(Provider.Token("bert"));
        foreach (var login in new[] { "bert@example.com", (await MeAsync(Provider.Token("bert")))["user"]!["id"]!.GetValue<string>() })
        {
            using var refused = await Host.Http.PostAsJsonAsync("/api/v1/auth/login", new JsonObject { ["email"] = login, ["password"] = "" });
            Assert.Equal("INVALID_CREDENTIALS", await refused.ErrorCodeAsync());
        }

        registration["email"] = "bert@example.com";
        Assert.Equal(HttpStatusCode.Created, (await Host.Http.PostAsJsonAsync("/api/v1/auth/register", registration)).StatusCode);
    }

    [Fact]
    public async Task A_claim_brings_the_role_that_the_settings_give_it_for_as_long_as_the_token_says_so()
    {
        using var data = new TestFolder();
        string organization;
        await using (var before = await TestHost.StartAsync(Time, data.Path)) organization = (await Tenant.CreateAsync(before.Address)).Organization;
        await StartAsync(
            data.Path,
            [.. GrantOf(0, "groups", "faces-admins", organization, "admin"), .. GrantOf(1, "department", "IT", organization, "viewer"), .. GrantOf(2, "groups", "others", "org_unknown", "owner")]);
        var admin = Provider.Token(claims: claims => claims["groups"] = new JsonArray("staff", "faces-admins", "others"));
        var viewer = Provider.Token(claims: claims => claims["department"] = "IT");
        var both = Provider.Token(claims: claims => (claims["groups"], claims["department"]) = ("faces-admins", "IT"));

        Assert.Equal("admin", await RoleAsync(admin));
        Assert.Equal("viewer", await RoleAsync(viewer));
        Assert.Equal("admin", await RoleAsync(both));
        Assert.Null(await RoleAsync(Provider.Token(claims: claims => claims["groups"] = new JsonArray("Faces-Admins", "faces-admins-not"))));
        await RefusedAsync(Provider.Token(), HttpStatusCode.NotFound, "NOT_FOUND", "collections");
        await RefusedAsync(viewer, HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE", $"organizations/{organization}/api-keys");
        using var client = ClientOf(admin);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"/api/v1/organizations/{organization}/api-keys")).StatusCode);

        var me = await MeAsync(viewer);
        await JoinAsync(me["user"]!["id"]!.GetValue<string>(), organization, "member");
        Assert.Equal("member", await RoleAsync(viewer));
        Assert.Equal("admin", await RoleAsync(admin));
        await ExecuteAsync("DELETE FROM member WHERE account_id = @id AND role = 'member'", new { id = me["user"]!["id"]!.GetValue<string>() });
        Assert.Equal("viewer", await RoleAsync(viewer)); // nothing of it was kept

        async Task<string?> RoleAsync(string token) => (await MeAsync(token))["organizations"]!.AsArray().SingleOrDefault()?["role"]!.GetValue<string>();
    }

    [Theory]
    [InlineData("org")]
    [InlineData("key")]
    [InlineData("scope")]
    [InlineData("collection")]
    [InlineData("sid")]
    [InlineData("grant")]
    public async Task A_claim_of_theProvider_is_none_of_ours(string claim)
    {
        await StartAsync();
        var tenant = await Tenant.CreateAsync(Host.Address);

        var token = Provider.Token(claims: claims => (claims[claim], claims["org"]) = (claim == "grant" ? $"Owner {tenant.Organization}" : "batch", tenant.Organization));

        await RefusedAsync(token, HttpStatusCode.NotFound, "NOT_FOUND", $"organizations/{tenant.Organization}/batch");
        Assert.Empty((await MeAsync(token))["organizations"]!.AsArray());
    }

    private Task JoinAsync(string account, string organization, string role) => ExecuteAsync(
        "INSERT INTO member (account_id, organization_id, role, created_at) VALUES (@account, @organization, @role, 0)", new { account, organization, role });
}
