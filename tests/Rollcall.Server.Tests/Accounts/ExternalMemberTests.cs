using System.Net;
using Rollcall.Server.Tests.Organizations;
using Rollcall.Server.Tests.Recognition;

namespace Rollcall.Server.Tests.Accounts;

/// <summary>Members whom the issuer knows: what is given here is kept, and what their token brings along is not changed here.</summary>
public sealed class ExternalMemberTests : OpenIdConnectFixture
{
    [Fact]
    public async Task Who_comes_from_theProvider_is_taken_in_by_account_and_never_by_address()
    {
        await StartAsync();
        var tenant = await Tenant.CreateAsync(Host.Address);
        var id = (await MeAsync(Provider.Token()))["user"]!["id"]!.GetValue<string>();

        var invited = await tenant.Bearer.AddMemberAsync(tenant, "anna@example.com", "viewer").DataAsync(HttpStatusCode.Created);
        Assert.NotNull(invited["invitation"]);
        await RefusedAsync(Provider.Token(), HttpStatusCode.NotFound, "NOT_FOUND", "collections");

        var added = await tenant.Bearer.AddMemberByIdAsync(tenant, id, "viewer").DataAsync(HttpStatusCode.Created);
        Assert.Equal("anna@example.com", added["email"]!.GetValue<string>());
        using var anna = ClientOf(Provider.Token());
        Assert.Equal(HttpStatusCode.OK, (await anna.GetAsync("/api/v1/collections")).StatusCode);
        await anna.RemoveMemberAsync(tenant, id).StatusAsync(HttpStatusCode.NoContent);
        Assert.Equal(HttpStatusCode.NotFound, (await anna.GetAsync("/api/v1/collections")).StatusCode);
    }

    [Fact]
    public async Task A_role_that_a_token_brings_along_counts_and_is_neither_listed_nor_changed_nor_made_to_last()
    {
        using var data = new TestFolder();
        Tenant tenant;
        await using (var before = await TestHost.StartAsync(Time, data.Path)) tenant = await Tenant.CreateAsync(before.Address);
        await StartAsync(data.Path, [.. GrantOf(0, "groups", "admins", tenant.Organization, "admin"), .. GrantOf(1, "groups", "owners", tenant.Organization, "owner")]);
        var admin = Provider.Token(claims: claims => claims["groups"] = "admins");
        var owner = Provider.Token("bert", claims: claims => claims["groups"] = "owners");
        var (adminId, ownerId) = (await IdAsync(admin), await IdAsync(owner));
        using var anna = ClientOf(admin);
        using var bert = ClientOf(owner);
        var own = (await anna.RolesAsync(tenant)).Single();
        Assert.Equal("owner", own.Value);

        foreach (var id in new[] { adminId, ownerId })
        {
            await bert.ChangeMemberAsync(tenant, id, "viewer").RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
            await bert.RemoveMemberAsync(tenant, id).RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        }

        await anna.AddMemberByIdAsync(tenant, adminId, "admin").RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
        await anna.AddMemberByIdAsync(tenant, ownerId, "owner").RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
        await bert.AddMemberByIdAsync(tenant, ownerId, "owner").RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");

        // An owner by token is no owner who remains.
        await bert.RemoveMemberAsync(tenant, own.Key).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await bert.AddMemberByIdAsync(tenant, adminId, "owner").StatusAsync(HttpStatusCode.Created);
        await bert.RemoveMemberAsync(tenant, own.Key).StatusAsync(HttpStatusCode.NoContent);
        Assert.Equal(new() { [adminId] = "owner" }, await bert.RolesAsync(tenant));

        async Task<string> IdAsync(string token) => (await MeAsync(token))["user"]!["id"]!.GetValue<string>();
    }
}
