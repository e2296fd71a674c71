using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rollcall.Server.Audit;
using Rollcall.Server.Tests.OpenApi;
using Rollcall.Server.Tests.Organizations;
using Rollcall.Server.Tests.Recognition;

namespace Rollcall.Server.Tests.Audit;

/// <summary>What is recorded of people, keys and members.</summary>
public sealed class AccountAuditTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private TestHost Host => shared.Host;

    [Fact]
    public async Task An_organization_begins_with_who_made_it_and_keys_are_told_apart()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var owner = (await Colleague.OfOwnerAsync(tenant)).Id;
        var text = await tenant.CreateKeyAsync(JsonNode.Parse("""{"name": "Anna's laptop", "scopes": ["batch", "identify"], "allowed_ips": ["127.0.0.1"]}""")!.AsObject());
        using var keys = await tenant.Bearer.GetAsync($"{lab.InOrganization}/api-keys");
        var id = (await keys.JsonAsync())["data"]!["api_keys"]![0]!["id"]!.GetValue<string>();
        foreach (var status in new[] { HttpStatusCode.NoContent, HttpStatusCode.NotFound }) await tenant.Bearer.DeleteAsync($"{lab.InOrganization}/api-keys/{id}").StatusAsync(status);

        var entries = await tenant.AuditAsync();
        Assert.Equal(["key.revoked", "key.created", "collection.created", "key.created", "account.login", "organization.created"], entries.Select(entry => entry["action"]!.GetValue<string>()));
        Assert.All(entries.Where(entry => entry["action"]!.GetValue<string>() != "collection.created"), entry => Assert.Equal($$"""{"kind":"user","id":"{{owner}}","label":null}""", entry["actor"]!.ToJsonString()));
        Assert.Equal(Enumerable.Range(1, 6).Reverse(), entries.Select(entry => entry["number"]!.GetValue<int>()));
        Assert.Equal(tenant.Organization, entries[^1]["target"]!["id"]!.GetValue<string>());
        Assert.Equal(id, entries[0]["target"]!["id"]!.GetValue<string>());
        Assert.Equal($$"""{"prefix":"{{text[..14]}}","scopes":"batch identify","collections":null,"allowed_ips":1,"expires_at":null}""", entries[1]["details"]!.ToJsonString());
        var log = await tenant.Bearer.GetStringAsync(tenant.AuditLog("/export"));
        foreach (var untold in new[] { text[14..], "Anna" }) Assert.DoesNotContain(untold, log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_a_failed_one_a_logout_and_a_refresh_token_used_twice_are_in_each_of_the_accounts_organizations()
    {
        await using var lab = await Lab.CreateAsync(Host);
        await using var other = await Lab.CreateAsync(Host);
        var person = await Host.MemberAsync(lab.Tenant, "viewer");
        await other.Tenant.Bearer.AddMemberByIdAsync(other.Tenant, person.Id, "viewer").StatusAsync(HttpStatusCode.Created);
        var outsider = await Lab.CreateAsync(Host);

        var session = await LoginAsync(Colleague.Password).DataAsync(HttpStatusCode.OK);
        await LoginAsync("wrong").RefusedAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        var refresh = new JsonObject { ["refresh_token"] = session["refresh_token"]!.GetValue<string>() };
        await Host.Http.PostAsJsonAsync("/api/v1/auth/refresh", refresh).DataAsync(HttpStatusCode.OK);
        foreach (var _ in new[] { 1, 2 }) await Host.Http.PostAsJsonAsync("/api/v1/auth/refresh", refresh).RefusedAsync(HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        await person.Client.PostAsync("/api/v1/auth/logout", null).StatusAsync(HttpStatusCode.NoContent);
        var last = await LoginAsync(Colleague.Password).DataAsync(HttpStatusCode.OK);
        foreach (var _ in new[] { 1, 2 })
            await Host.Http.PostAsJsonAsync("/api/v1/auth/logout", new JsonObject { ["refresh_token"] = last["refresh_token"]!.GetValue<string>() }).StatusAsync(HttpStatusCode.NoContent);

        foreach (var tenant in new[] { lab.Tenant, other.Tenant })
        {
            await Eventually.TrueAsync(async () => (await tenant.ActionsAsync($"&target={person.Id}")).Contains("account.login_failed")); // within a second
            var entries = (await tenant.AuditAsync($"&target={person.Id}")).Where(entry => entry["action"]!.GetValue<string>() is not "member.added").ToList();
            var actions = entries.Select(entry => $"{entry["action"]} by {entry["actor"]!["kind"]}").ToList();
            Assert.Contains("account.login_failed by anonymous", actions);
            Assert.Equal(
                ["account.logout by user", "account.login by user", "account.logout by user", "account.refresh_reused by anonymous", "account.login by user"],
                actions.Where(action => action != "account.login_failed by anonymous"));
            Assert.All(entries, entry => Assert.Equal("127.0.0.1", entry["address"]!.GetValue<string>()));
            Assert.Equal(entries.Single(entry => entry["action"]!.GetValue<string>() == "account.refresh_reused")["details"]!.ToJsonString(), entries[^1]["details"]!.ToJsonString());
        }

        var log = await lab.Tenant.Bearer.GetStringAsync(lab.Tenant.AuditLog("/export"));
        foreach (var secret in new[] { Colleague.Password, "rc_refresh_", session["access_token"]!.GetValue<string>() }) Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
        Assert.Empty(await outsider.Tenant.AuditAsync($"&target={person.Id}"));
        await outsider.DisposeAsync();

        Task<HttpResponseMessage> LoginAsync(string password) =>
            Host.Http.PostAsJsonAsync("/api/v1/auth/login", new JsonObject { ["email"] = person.Email, ["password"] = password });
    }

    [Fact]
    public async Task A_failed_login_is_answered_before_anything_is_written_whether_or_not_there_is_the_account()
    {
        await using var host = await TestHost.StartAsync(customize: WithoutSequencer);
        var tenant = await Tenant.CreateAsync(host.Address);
        var email = (await Colleague.OfOwnerAsync(tenant)).Email;
        await tenant.AuditAsync();

        foreach (var address in new[] { email, "nobody@example.com" })
            await host.Http.PostAsJsonAsync("/api/v1/auth/login", new JsonObject { ["email"] = address, ["password"] = "wrong" }).RefusedAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        Assert.Equal(0, await host.ScalarAsync<long>("SELECT COUNT(*) FROM audit_entry WHERE number IS NULL OR action = 'account.login_failed'"));

        await host.Get<AuditCommits>().CommitPostponedAsync(CancellationToken.None);
        await host.Get<AuditCommits>().CommitPostponedAsync(CancellationToken.None);
        await tenant.EntryAsync("account.login_failed");
    }

    [Fact]
    public async Task Who_came_in_who_is_what_and_who_left_is_recorded_without_an_address()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var owner = (await Colleague.OfOwnerAsync(tenant)).Id;
        var person = await Host.MemberAsync(tenant, "viewer");
        await tenant.Bearer.ChangeMemberAsync(tenant, person.Id, "admin").StatusAsync(HttpStatusCode.OK);
        var invited = await person.Client.AddMemberAsync(tenant, $"{Guid.NewGuid():N}@example.com", "member").DataAsync(HttpStatusCode.Created);
        using var answer = await Host.JoinAsync(invited["invitation"]!["token"]!.GetValue<string>());
        var joined = await Colleague.OfAsync(Host, answer);
        var withdrawn = (await tenant.Bearer.AddMemberAsync(tenant, $"{Guid.NewGuid():N}@example.com", "member").DataAsync(HttpStatusCode.Created))["invitation"]!["id"]!.GetValue<string>();
        await tenant.Bearer.RemoveMemberAsync(tenant, withdrawn).StatusAsync(HttpStatusCode.NoContent);
        await joined.Client.RemoveMemberAsync(tenant, person.Id).RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
        await tenant.Bearer.RemoveMemberAsync(tenant, person.Id).StatusAsync(HttpStatusCode.NoContent);
        await joined.Client.RemoveMemberAsync(tenant, joined.Id).StatusAsync(HttpStatusCode.NoContent);

        var told = (await tenant.AuditAsync())
            .Where(entry => entry["action"]!.GetValue<string>().Split('.')[0] is "member" or "invitation").Reverse()
            .Select(entry => $"{entry["actor"]!["id"]} {entry["action"]} {entry["target"]!["id"]} {entry["details"]?.ToJsonString()}");
        var id = invited["invitation"]!["id"]!.GetValue<string>();
        Assert.Equal(
            [
                $$"""{{owner}} member.added {{person.Id}} {"role":"viewer"}""",
                $$"""{{owner}} member.changed {{person.Id}} {"role":"admin","before":"viewer"}""",
                $$"""{{person.Id}} invitation.created {{id}} {"role":"member"}""",
                $$"""{{joined.Id}} member.joined {{joined.Id}} {"role":"member","invitation":"{{id}}"}""",
                $$"""{{owner}} invitation.created {{withdrawn}} {"role":"member"}""",
                $"{owner} invitation.withdrawn {withdrawn} ",
                $$"""{{owner}} member.removed {{person.Id}} {"role":null,"before":"admin"}""",
                $$"""{{joined.Id}} member.left {{joined.Id}} {"role":null,"before":"member"}""",
            ],
            told);
        var log = await tenant.Bearer.GetStringAsync(tenant.AuditLog("/export"));
        foreach (var untold in new[] { "@", "rc_join_" }) Assert.DoesNotContain(untold, log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "127.0.0.1")]
    [InlineData("--Hosting:TrustedProxies:0=127.0.0.1", "203.0.113.7")]
    public async Task The_address_is_what_a_trusted_proxy_says_and_nobody_else(string? option, string address)
    {
        await using var host = await TestHost.StartAsync(args: option is null ? [] : [option]);
        var tenant = await Tenant.CreateAsync(host.Address);
        tenant.Key.DefaultRequestHeaders.Add("X-Forwarded-For", "198.51.100.9, 203.0.113.7");

        await tenant.CreateCollectionAsync();

        Assert.Equal(address, (await tenant.AuditAsync())[0]["address"]!.GetValue<string>());
    }

    [Fact]
    public async Task Who_looked_for_whom_is_recorded_and_found_by_each_person_who_was_named()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var photograph = Assets.Lfw("Colin_Powell");
        await tenant.EnrolAsync(BatchBody.Of(("anna", photograph), ("anna", Assets.Lfw("Colin_Powell", 2)), ("bert", Assets.Lfw("Tom_Ridge"))));

        await tenant.IdentifyAsync(photograph, ("top_k", "3"), ("threshold", "0"), ("deduplicate", "false"));
        await tenant.IdentifyAsync(Assets.Lfw("Tony_Blair"), ("threshold", "0.99"));
        foreach (var person in new[] { "anna", "bert" })
            await tenant.Key.SendAsync($"collections/{tenant.Collection}/verify", [("image", await File.ReadAllBytesAsync(photograph))], ("external_id", person)).DataAsync();
        await tenant.Key.SendAsync($"collections/{tenant.Collection}/verify", [("image", await File.ReadAllBytesAsync(photograph))], ("external_id", "carl")).RefusedAsync(HttpStatusCode.NotFound, "FACE_NOT_FOUND");

        var identified = await tenant.AuditAsync("&action=face.identified");
        Assert.Equal(
            ["""{"rank":null,"matches":0,"searched":3}""", """{"rank":3,"matches":3,"searched":3}""", """{"rank":1,"matches":3,"searched":3}"""],
            identified.Select(entry => entry["details"]!.ToJsonString()));
        Assert.Null(identified[0]["person"]);
        Assert.Equal(["face.verified", "face.identified", "face.enrolled", "face.enrolled"], await tenant.ActionsAsync("&external_id=anna"));
        Assert.Equal(["face.verified", "face.identified", "face.enrolled"], await tenant.ActionsAsync("&external_id=bert"));
        Assert.Equal(["""{"verified":false}""", """{"verified":true}"""], (await tenant.AuditAsync("&action=face.verified")).Select(entry => entry["details"]!.ToJsonString()));
        Assert.All(identified, entry => Assert.Equal((tenant.Collection, "key"), (entry["collection_id"]!.GetValue<string>(), entry["actor"]!["kind"]!.GetValue<string>())));
    }

    [Fact]
    public async Task Identifications_can_be_left_out_and_many_at_once_are_all_there()
    {
        await using var host = await TestHost.StartAsync();
        await using var silent = await TestHost.StartAsync(args: "--Audit:Identifications=false");
        foreach (var (where, entries) in new[] { (host, 24), (silent, 0) })
        {
            var tenant = await Tenant.CreateAsync(where.Address);
            await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => tenant.IdentifyAsync(Assets.Lfw("Colin_Powell"))));
            Assert.Equal(entries, (await tenant.AuditAsync("&action=face.identified")).Count);
        }
    }

    private static void WithoutSequencer(WebApplicationBuilder builder) => builder.Services.Remove(
        builder.Services.Single(service => service.ServiceType == typeof(IHostedService) && service.ImplementationFactory is Func<IServiceProvider, AuditSequencer>));
}
