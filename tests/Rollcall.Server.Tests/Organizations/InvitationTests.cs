using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Accounts;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.OpenApi;
using Rollcall.Server.Tests.Recognition;

namespace Rollcall.Server.Tests.Organizations;

/// <summary>Places for people who have no account yet.</summary>
public sealed class InvitationTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private TestHost Host => shared.Host;

    [Fact]
    public async Task Whoever_brings_the_token_joins_once_with_the_address_that_was_invited()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var email = $"{Guid.NewGuid():N}@example.com";

        var added = await tenant.Bearer.AddMemberAsync(tenant, email, "member").DataAsync(HttpStatusCode.Created);
        Assert.Null(added["user_id"]);
        Assert.Null(added["joined_at"]);
        var token = TokenOf(added);
        var list = await tenant.Bearer.ListMembersAsync(tenant);
        Assert.Equal(email, list["invitations"]!.AsArray().Single()!["email"]!.GetValue<string>());
        Assert.DoesNotContain(token, list.ToJsonString(), StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Host.Data, "rollcall.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(token, await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }

        await Host.JoinAsync(token[..^1]).RefusedAsync(HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        using var joined = await Host.JoinAsync(token);
        var person = await Colleague.OfAsync(Host, joined);
        Assert.Equal(email, person.Email);
        Assert.Equal(tenant.Organization, (await joined.JsonAsync())["data"]!["organization"]!["id"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, await person.SeesAsync(tenant));
        Assert.Equal("member", (await tenant.Bearer.RolesAsync(tenant))[person.Id]);
        await Host.JoinAsync(token).RefusedAsync(HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        Assert.Empty((await tenant.Bearer.ListMembersAsync(tenant))["invitations"]!.AsArray());
        await Host.Http.PostAsJsonAsync("/api/v1/auth/login", new JsonObject { ["email"] = email, ["password"] = Colleague.Password }).StatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task To_register_with_an_invited_address_gives_nothing_for_nobody_has_proved_that_it_is_theirs()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var email = $"{Guid.NewGuid():N}@example.com";
        var token = TokenOf(await tenant.Bearer.AddMemberAsync(tenant, email, "admin").DataAsync(HttpStatusCode.Created));

        var person = await Colleague.RegisterAsync(Host, email);

        Assert.Equal(HttpStatusCode.NotFound, await person.SeesAsync(tenant));
        await Host.JoinAsync(token).RefusedAsync(HttpStatusCode.Conflict, "ALREADY_EXISTS");
        Assert.Equal(HttpStatusCode.NotFound, await person.SeesAsync(tenant));
    }

    [Fact]
    public async Task A_new_invitation_takes_the_old_ones_place_and_one_that_is_withdrawn_is_none()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var email = $"{Guid.NewGuid():N}@example.com";
        var first = TokenOf(await tenant.Bearer.AddMemberAsync(tenant, email, "member").DataAsync(HttpStatusCode.Created));
        var second = await tenant.Bearer.AddMemberAsync(tenant, email.ToUpperInvariant(), "viewer").DataAsync(HttpStatusCode.Created);

        await Host.JoinAsync(first).RefusedAsync(HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        var open = (await tenant.Bearer.ListMembersAsync(tenant))["invitations"]!.AsArray().Single()!;
        Assert.Equal("viewer", open["role"]!.GetValue<string>());
        var id = open["id"]!.GetValue<string>();
        Assert.Equal(id, second["invitation"]!["id"]!.GetValue<string>());

        await using var elsewhere = await Lab.CreateAsync(Host);
        await elsewhere.Tenant.Bearer.RemoveMemberAsync(elsewhere.Tenant, id).RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await (await Host.MemberAsync(tenant, "member")).Client.RemoveMemberAsync(tenant, id).RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
        await tenant.Bearer.RemoveMemberAsync(tenant, id).StatusAsync(HttpStatusCode.NoContent);
        await tenant.Bearer.RemoveMemberAsync(tenant, id).RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        await Host.JoinAsync(TokenOf(second)).RefusedAsync(HttpStatusCode.Unauthorized, "TOKEN_INVALID");
    }

    [Fact]
    public async Task What_somebody_gave_away_goes_with_their_right_to_give_it()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var (second, admin) = (await Host.MemberAsync(tenant, "owner"), await Host.MemberAsync(tenant, "admin"));
        var own = TokenOf(await tenant.Bearer.AddMemberAsync(tenant, Address(), "admin").DataAsync(HttpStatusCode.Created));
        var toOwner = TokenOf(await second.Client.AddMemberAsync(tenant, Address(), "owner").DataAsync(HttpStatusCode.Created));
        var toAdmin = TokenOf(await second.Client.AddMemberAsync(tenant, Address(), "admin").DataAsync(HttpStatusCode.Created));
        var toViewer = TokenOf(await admin.Client.AddMemberAsync(tenant, Address(), "viewer").DataAsync(HttpStatusCode.Created));
        var open = (await admin.Client.ListMembersAsync(tenant))["invitations"]!.AsArray().Single(row => row!["role"]!.GetValue<string>() == "owner")!;
        await admin.Client.RemoveMemberAsync(tenant, open["id"]!.GetValue<string>()).RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
        await admin.Client.AddMemberAsync(tenant, open["email"]!.GetValue<string>(), "viewer").RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");

        await tenant.Bearer.ChangeMemberAsync(tenant, second.Id, "admin").StatusAsync(HttpStatusCode.OK);
        await tenant.Bearer.RemoveMemberAsync(tenant, admin.Id).StatusAsync(HttpStatusCode.NoContent);

        await Host.JoinAsync(toOwner).RefusedAsync(HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        await Host.JoinAsync(toViewer).RefusedAsync(HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        await Host.JoinAsync(toAdmin).StatusAsync(HttpStatusCode.Created);
        await Host.JoinAsync(own).StatusAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_organization_has_a_hundred_open_ones_at_most()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        for (var i = 0; i < 100; i++) await tenant.Bearer.AddMemberAsync(tenant, $"{i}-{tenant.Organization}@example.com", "viewer").StatusAsync(HttpStatusCode.Created);

        await tenant.Bearer.AddMemberAsync(tenant, $"100-{tenant.Organization}@example.com", "viewer").RefusedAsync(HttpStatusCode.TooManyRequests, "QUOTA_EXCEEDED");

        await tenant.Bearer.AddMemberAsync(tenant, $"7-{tenant.Organization}@example.com", "viewer").StatusAsync(HttpStatusCode.Created);
        Assert.Equal(100, (await tenant.Bearer.ListMembersAsync(tenant))["invitations"]!.AsArray().Count);
    }

    [Fact]
    public async Task It_works_for_seven_days_and_where_nobody_may_register()
    {
        using var data = new TestFolder();
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        string first, second;
        Tenant tenant;
        await using (var before = await TestHost.StartAsync(time, data.Path))
        {
            tenant = await Tenant.CreateAsync(before.Address);
            first = TokenOf(await tenant.Bearer.AddMemberAsync(tenant, "anna@example.com", "member").DataAsync(HttpStatusCode.Created));
            second = TokenOf(await tenant.Bearer.AddMemberAsync(tenant, "bert@example.com", "member").DataAsync(HttpStatusCode.Created));
        }

        await using var host = await TestHost.StartAsync(time, data.Path, args: "--Accounts:AllowRegistration=false");
        time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(1));
        using var joined = await host.JoinAsync(first);
        var person = await Colleague.OfAsync(host, joined);
        Assert.Equal(HttpStatusCode.OK, await person.SeesAsync(tenant));

        time.Advance(TimeSpan.FromMinutes(1));
        await host.JoinAsync(second).RefusedAsync(HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        await host.Get<SessionRetention>().PurgeAsync(CancellationToken.None);
        Assert.Equal(0, await host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM invitation", null, tx), CancellationToken.None));
    }

    private static string TokenOf(JsonObject added) => added["invitation"]!["token"]!.GetValue<string>();

    private static string Address() => $"{Guid.NewGuid():N}@example.com";
}
