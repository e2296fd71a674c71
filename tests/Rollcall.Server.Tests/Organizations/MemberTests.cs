using System.Net;
using Rollcall.Server.Tests.OpenApi;
using Rollcall.Server.Tests.Recognition;
using static Rollcall.Server.Tests.OpenApi.Calls;

namespace Rollcall.Server.Tests.Organizations;

/// <summary>Who belongs to an organization and who may change that (docs/adr/0017).</summary>
public sealed class MemberTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private TestHost Host => shared.Host;

    [Fact]
    public async Task Whoever_has_an_account_is_a_member_at_once_and_out_at_once_with_the_token_of_before()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var (tenant, owner) = (lab.Tenant, lab.Tenant.Bearer);
        var person = await Colleague.RegisterAsync(Host);
        Assert.Equal(HttpStatusCode.NotFound, await person.SeesAsync(tenant));

        var added = await owner.AddMemberAsync(tenant, $" {person.Email.ToUpperInvariant()} ", "viewer").DataAsync(HttpStatusCode.Created);
        Assert.Equal((person.Id, person.Email, "viewer"), (added["user_id"]!.GetValue<string>(), added["email"]!.GetValue<string>(), added["role"]!.GetValue<string>()));
        Assert.Null(added["invitation"]);
        Assert.Equal(HttpStatusCode.OK, await person.SeesAsync(tenant));
        await owner.AddMemberAsync(tenant, person.Email, "admin").RefusedAsync(HttpStatusCode.Conflict, "ALREADY_EXISTS");
        await person.Client.GetAsync(tenant.Members()).RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");

        var changed = await owner.ChangeMemberAsync(tenant, person.Id, "admin").DataAsync(HttpStatusCode.OK);
        Assert.Equal("admin", changed["role"]!.GetValue<string>());
        var list = await person.Client.ListMembersAsync(tenant);
        Assert.Equal([person.Id, (await Colleague.OfOwnerAsync(tenant)).Id], list["members"]!.AsArray().Select(row => row!["user_id"]!.GetValue<string>()));
        Assert.Empty(list["invitations"]!.AsArray());

        await owner.RemoveMemberAsync(tenant, person.Id).StatusAsync(HttpStatusCode.NoContent);
        Assert.Equal(HttpStatusCode.NotFound, await person.SeesAsync(tenant));
        await person.Client.GetAsync(tenant.Members()).RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await owner.RemoveMemberAsync(tenant, person.Id).RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await owner.ChangeMemberAsync(tenant, person.Id, "admin").RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Single(await owner.RolesAsync(tenant));
    }

    [Fact]
    public async Task Everybody_may_leave_and_only_admins_and_owners_take_others_out()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var other = await Host.MemberAsync(tenant, "viewer");

        foreach (var role in new[] { "viewer", "member", "admin" })
        {
            var person = await Host.MemberAsync(tenant, role);
            if (role != "admin") await person.Client.RemoveMemberAsync(tenant, other.Id).RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
            await person.Client.RemoveMemberAsync(tenant, person.Id).StatusAsync(HttpStatusCode.NoContent);
            Assert.Equal(HttpStatusCode.NotFound, await person.SeesAsync(tenant));
        }

        var admin = await Host.MemberAsync(tenant, "admin");
        await admin.Client.RemoveMemberAsync(tenant, other.Id).StatusAsync(HttpStatusCode.NoContent);
        Assert.Equal(2, (await tenant.Bearer.RolesAsync(tenant)).Count);
    }

    [Fact]
    public async Task Only_an_owner_makes_changes_or_removes_an_owner_and_nobody_raises_themselves()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var owner = await Colleague.OfOwnerAsync(tenant);
        var (admin, second, viewer) = (await Host.MemberAsync(tenant, "admin"), await Host.MemberAsync(tenant, "owner"), await Host.MemberAsync(tenant, "viewer"));

        foreach (var sent in new[]
        {
            admin.Client.ChangeMemberAsync(tenant, admin.Id, "owner"),
            admin.Client.ChangeMemberAsync(tenant, viewer.Id, "owner"),
            admin.Client.ChangeMemberAsync(tenant, second.Id, "admin"),
            admin.Client.ChangeMemberAsync(tenant, owner.Id, "viewer"),
            admin.Client.RemoveMemberAsync(tenant, second.Id),
            admin.Client.AddMemberAsync(tenant, "new@example.com", "owner"),
            admin.Client.AddMemberAsync(tenant, (await Colleague.RegisterAsync(Host)).Email, "owner"),
            viewer.Client.ChangeMemberAsync(tenant, viewer.Id, "admin"),
            viewer.Client.ChangeMemberAsync(tenant, owner.Id, "viewer"),
            viewer.Client.AddMemberAsync(tenant, "new@example.com", "viewer"),
        })
        {
            await sent.RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
        }

        Assert.Equal(new() { [owner.Id] = "owner", [admin.Id] = "admin", [second.Id] = "owner", [viewer.Id] = "viewer" }, await owner.Client.RolesAsync(tenant));

        // What is less than one has, an admin gives, and takes of themselves.
        await admin.Client.ChangeMemberAsync(tenant, viewer.Id, "admin").StatusAsync(HttpStatusCode.OK);
        await admin.Client.ChangeMemberAsync(tenant, admin.Id, "member").StatusAsync(HttpStatusCode.OK);
        await admin.Client.ChangeMemberAsync(tenant, admin.Id, "admin").RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
        await second.Client.ChangeMemberAsync(tenant, owner.Id, "viewer").StatusAsync(HttpStatusCode.OK);
        await owner.Client.ChangeMemberAsync(tenant, owner.Id, "owner").RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
    }

    [Fact]
    public async Task The_last_owner_is_neither_removed_nor_demoted_and_does_not_leave()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var owner = await Colleague.OfOwnerAsync(tenant);
        await Host.MemberAsync(tenant, "admin");

        await LastAsync(owner.Client.RemoveMemberAsync(tenant, owner.Id));
        await LastAsync(owner.Client.ChangeMemberAsync(tenant, owner.Id, "admin"));
        await owner.Client.ChangeMemberAsync(tenant, owner.Id, "owner").StatusAsync(HttpStatusCode.OK);

        var second = await Host.MemberAsync(tenant, "owner");
        await owner.Client.RemoveMemberAsync(tenant, owner.Id).StatusAsync(HttpStatusCode.NoContent);
        await LastAsync(second.Client.RemoveMemberAsync(tenant, second.Id));

        static async Task LastAsync(Task<HttpResponseMessage> sent)
        {
            var error = await sent.RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
            Assert.Contains("last_owner", error.ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Of_two_owners_who_go_at_the_same_time_one_stays()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var (one, other) = (await Colleague.OfOwnerAsync(tenant), await Host.MemberAsync(tenant, "owner"));

        for (var round = 0; round < 12; round++)
        {
            // Both leave; both step down; each takes the other out.
            Task<HttpResponseMessage>[] sent = (round % 3) switch
            {
                0 => [one.Client.RemoveMemberAsync(tenant, one.Id), other.Client.RemoveMemberAsync(tenant, other.Id)],
                1 => [one.Client.ChangeMemberAsync(tenant, one.Id, "viewer"), other.Client.ChangeMemberAsync(tenant, other.Id, "viewer")],
                _ => [one.Client.RemoveMemberAsync(tenant, other.Id), other.Client.RemoveMemberAsync(tenant, one.Id)],
            };
            var answers = await Task.WhenAll(sent);
            Assert.Single(answers, answer => answer.IsSuccessStatusCode);

            var stays = await one.SeesAsync(tenant) == HttpStatusCode.OK && await IsOwnerAsync(one) ? one : other;
            var goes = stays == one ? other : one;
            var roles = await stays.Client.RolesAsync(tenant);
            Assert.Equal("owner", roles[stays.Id]);
            Assert.Single(roles, role => role.Value == "owner");
            if (roles.ContainsKey(goes.Id)) await stays.Client.ChangeMemberAsync(tenant, goes.Id, "owner").StatusAsync(HttpStatusCode.OK);
            else await stays.Client.AddMemberByIdAsync(tenant, goes.Id, "owner").StatusAsync(HttpStatusCode.Created);
        }

        async Task<bool> IsOwnerAsync(Colleague person)
        {
            using var answer = await person.Client.GetAsync(tenant.Members());
            return answer.IsSuccessStatusCode;
        }
    }

    [Fact]
    public async Task Members_of_another_organization_are_unknown_and_keys_change_nobody()
    {
        await using var lab = await Lab.CreateAsync(Host);
        await using var elsewhere = await Lab.CreateAsync(Host);
        var (tenant, victim) = (lab.Tenant, await Host.MemberAsync(elsewhere.Tenant, "viewer"));

        foreach (var place in new[] { tenant, elsewhere.Tenant })
        {
            await tenant.Bearer.ChangeMemberAsync(place, victim.Id, "admin").RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
            await tenant.Bearer.RemoveMemberAsync(place, victim.Id).RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        }

        await tenant.Bearer.AddMemberAsync(elsewhere.Tenant, "new@example.com", "viewer").RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await tenant.Bearer.GetAsync(elsewhere.Tenant.Members()).RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Equal("viewer", (await elsewhere.Tenant.Bearer.RolesAsync(elsewhere.Tenant))[victim.Id]);

        foreach (var sent in new[]
        {
            elsewhere.Tenant.Key.GetAsync(elsewhere.Tenant.Members()),
            elsewhere.Tenant.Key.AddMemberAsync(elsewhere.Tenant, "new@example.com", "viewer"),
            elsewhere.Tenant.Key.ChangeMemberAsync(elsewhere.Tenant, victim.Id, "admin"),
            elsewhere.Tenant.Key.RemoveMemberAsync(elsewhere.Tenant, victim.Id),
        })
        {
            await sent.RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
        }
    }

    [Theory]
    [InlineData("""{"role": "viewer"}""")]
    [InlineData("""{"email": "a@example.com", "user_id": "user_1", "role": "viewer"}""")]
    [InlineData("""{"email": "nobody", "role": "viewer"}""")]
    [InlineData("""{"email": "a@example.com"}""")]
    [InlineData("""{"email": "a@example.com", "role": "king"}""")]
    [InlineData("""{"email": "a@example.com", "role": 0}""")]
    [InlineData("""{"email": "a@example.com", "role": "viewer", "name": "a"}""")]
    public async Task Who_is_not_named_well_is_400(string body)
    {
        await using var lab = await Lab.CreateAsync(Host);

        await lab.Tenant.Bearer.PostAsync(lab.Tenant.Members(), JsonBody(body)).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        Assert.Empty((await lab.Tenant.Bearer.ListMembersAsync(lab.Tenant))["invitations"]!.AsArray());
    }

    [Fact]
    public async Task An_account_that_is_not_there_is_404_by_its_id()
    {
        await using var lab = await Lab.CreateAsync(Host);
        await lab.Tenant.Bearer.AddMemberByIdAsync(lab.Tenant, "user_none", "viewer").RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }
}
