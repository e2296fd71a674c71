using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rollcall.Server.Tests.Audit;

namespace Rollcall.Server.Tests.OpenApi;

/// <summary>Every operation of the OpenAPI document, called by everybody who may not.</summary>
public sealed partial class WalkTests
{
    private static readonly string[] Garbage = ["nonsense", "col_00000000000000000000000000000000", "00000000-0000-7000-8000-000000000000", "%F0%9F%98%80", "a%20b%27--"];

    [Fact]
    public async Task Each_operation_of_the_document_has_a_line_and_each_line_works_for_the_owner()
    {
        await using var host = await TestHost.StartAsync();
        var document = await DocumentTests.DocumentAsync(host);
        var known = Calls.All.Select(call => call.Operation).ToHashSet(StringComparer.Ordinal);
        var there = DocumentTests.Operations(document).Select(operation => operation.Name).ToList();
        Assert.True(known.SetEquals(there), $"Lines missing in {nameof(Calls)}: {string.Join(", ", there.Except(known))}; lines without an operation: {string.Join(", ", known.Except(there))}");

        var world = await World.CreateAsync(host, "owner7f3a");
        var spare = await World.CreateAsync(host, "spare7f3a");
        foreach (var call in Calls.All)
        {
            // A job and a collection are deleted at one address; the other deletes those of another tenant.
            var isSecond = call.Operation is "DELETE /api/v1/collections/{collection_id}/batch/{job_id}" or "DELETE /api/v1/organizations/{org_id}/collections/{collection_id}";
            var of = isSecond ? spare : world;
            using var answer = await SendAsync(call.IsPublic ? host.Http : of.Tenant.Bearer, call, of.IdOf, of);
            HttpStatusCode[] good = call.Path is "/api/v1/auth/login" or "/api/v1/auth/refresh" or "/api/v1/auth/join" ? [HttpStatusCode.Unauthorized] : [HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.Accepted, HttpStatusCode.NoContent];
            Assert.True(good.Contains(answer.StatusCode) || answer.StatusCode == call.Idle, $"{call.Operation}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            if (call.Path.EndsWith("batch-async", StringComparison.Ordinal)) await of.Tenant.EndOfAsync((await answer.JsonAsync())["data"]!["job_id"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Whatever_changes_something_leaves_an_entry_in_the_audit_log_of_who_did_it_and_from_where()
    {
        await using var host = await TestHost.StartAsync();
        var (world, spare) = (await World.CreateAsync(host, "owner7f3a"), await World.CreateAsync(host, "spare7f3a"));
        string[] changesNothing = ["/api/v1/compare", "/api/v1/detect", "/cancel", "/retry"]; // the job is finished, and nothing of it failed
        string[] repeats = ["PATCH /api/v1/organizations/{org_id}/collections/{collection_id}", "POST /api/v1/collections/{collection_id}/batch/{job_id}/undo"];

        foreach (var call in Calls.All.Where(call => call is { IsPublic: false, Operation: not "DELETE /api/v1/organizations/{org_id}" } && call.Method != "GET")) // its log goes with it
        {
            var isSecond = call.Operation is "DELETE /api/v1/collections/{collection_id}/batch/{job_id}" or "DELETE /api/v1/organizations/{org_id}/collections/{collection_id}";
            var of = isSecond ? spare : world;
            var before = (await of.Tenant.AuditAsync())[0]["number"]!.GetValue<long>();
            using var request = Request(call, of.IdOf, of);
            var id = $"walk-{Guid.NewGuid():N}";
            request.Headers.Add("X-Request-Id", id);
            using var answer = await of.Tenant.Bearer.SendAsync(request);
            if (call.Path.EndsWith("batch-async", StringComparison.Ordinal)) await of.Tenant.EndOfAsync((await answer.JsonAsync())["data"]!["job_id"]!.GetValue<string>());

            var entries = (await of.Tenant.AuditAsync()).Where(entry => entry["number"]!.GetValue<long>() > before).ToList();
            var isIdle = changesNothing.Any(end => call.Path.EndsWith(end, StringComparison.Ordinal)) || repeats.Contains(call.Operation);
            Assert.True(entries.Count > 0 != isIdle, $"{call.Operation} left {entries.Count} entries: what it does is to be recorded with AuditTrail.RecordAsync, in its transaction.");
            Assert.All(entries, entry => Assert.Equal((of.Owner, "127.0.0.1", id), (entry["actor"]!["id"]!.GetValue<string>(), entry["address"]!.GetValue<string>(), entry["request_id"]!.GetValue<string>())));
        }

        Assert.True((await world.Tenant.VerifyAsync())["valid"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Another_tenants_ids_are_unknown_and_nothing_of_it_is_told_or_changed()
    {
        await using var host = await TestHost.StartAsync();
        var victim = await World.CreateAsync(host, "victim7f3a");
        var attacker = await World.CreateAsync(host, "attacker7f3a");
        var before = await victim.StateAsync();

        foreach (var call in Calls.All.Where(call => !call.IsPublic))
        {
            foreach (var stolen in Subsets([.. ParametersOf(call)]))
            {
                foreach (var credential in new[] { attacker.Tenant.Key, attacker.Tenant.Bearer })
                {
                    if (credential == attacker.Tenant.Key && call.Scopes.Length == 0) continue;
                    using var answer = await SendAsync(credential, call, name => stolen.Contains(name) ? victim.IdOf(name) : attacker.IdOf(name), victim);
                    await AssertDeniedAsync(answer, $"{call.Operation} with another's {string.Join(" and ", stolen)}", victim);
                }
            }

            await InAnothersNameAsync(call, attacker, victim);
            Assert.Equal(before, await victim.StateAsync());
        }

        await IdsOutsideThePathAsync(attacker, victim);
        Assert.Equal(before, await victim.StateAsync());
    }

    [Fact]
    public async Task Without_a_credential_all_that_is_not_public_is_401()
    {
        await using var host = await TestHost.StartAsync();
        var world = await World.CreateAsync(host, "owner7f3a");
        var open = DocumentTests.Operations(await DocumentTests.DocumentAsync(host))
            .Where(operation => operation.Node["security"]!.AsArray() is { Count: 0 } or [.., JsonObject { Count: 0 }]).Select(operation => operation.Name);
        Assert.Equal(Calls.All.Where(call => call.IsPublic).Select(call => call.Operation).Order(StringComparer.Ordinal), open.Order(StringComparer.Ordinal));
        var before = await world.StateAsync();

        foreach (var call in Calls.All.Where(call => !call.IsPublic))
        {
            using var answer = await SendAsync(host.Http, call, world.IdOf, world);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{call.Operation}: {(int)answer.StatusCode} {text}");
            Assert.DoesNotContain(world.Mark, text, StringComparison.Ordinal);
        }

        Assert.Equal(before, await world.StateAsync());
    }

    [Fact]
    public async Task A_scope_that_lacks_the_right_is_403_and_one_that_has_it_is_let_in()
    {
        await using var host = await TestHost.StartAsync();
        var world = await World.CreateAsync(host, "owner7f3a");
        foreach (var scope in Call.AnyScope.Split(' '))
        {
            using var key = host.ClientWith("X-API-Key", await world.Tenant.CreateKeyAsync(new() { ["scopes"] = new JsonArray(scope) }));
            foreach (var call in Calls.All.Where(call => !call.IsPublic)) await TryAsync(key, call, world, call.Scopes.Split(' ').Contains(scope), $"scope {scope}");
        }
    }

    [Fact]
    public async Task A_viewer_reads_all_and_writes_nothing()
    {
        await using var host = await TestHost.StartAsync();
        var world = await World.CreateAsync(host, "owner7f3a");
        var before = await world.StateAsync();
        await world.SetRoleAsync("viewer");

        foreach (var call in Calls.All.Where(call => !call.IsPublic))
        {
            using var answer = await SendAsync(world.Tenant.Bearer, call, world.IdOf, world);
            if (call.Role == "viewer") Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{call.Operation}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            else await AssertForbiddenAsync(answer, $"viewer on {call.Operation}");
        }

        await world.SetRoleAsync("owner");
        Assert.Equal(before, await world.StateAsync());

        foreach (var role in new[] { "member", "admin" })
        {
            await world.SetRoleAsync(role);
            string[] held = role == "member" ? ["viewer", "member"] : ["viewer", "member", "admin"];
            foreach (var call in Calls.All.Where(call => !call.IsPublic)) await TryAsync(world.Tenant.Bearer, call, world, held.Contains(call.Role), role);
        }
    }

    [Fact]
    public async Task A_key_that_is_confined_to_another_collection_sees_nothing_of_this_one()
    {
        await using var host = await TestHost.StartAsync();
        var world = await World.CreateAsync(host, "victim7f3a");
        var other = await world.Tenant.CreateCollectionAsync();
        using var key = host.ClientWith("X-API-Key", await world.Tenant.CreateKeyAsync(new()
        {
            ["scopes"] = new JsonArray([.. Call.AnyScope.Split(' ').Select(scope => JsonValue.Create(scope))]),
            ["collections"] = new JsonArray(other),
        }));
        var before = await world.StateAsync();

        foreach (var call in Calls.All.Where(call => call.Scopes.Length > 0))
        {
            var named = ParametersOf(call).Except(["org_id"]).ToList();
            foreach (var stolen in named.Count == 0 ? [[]] : Subsets(named))
            {
                using var answer = await SendAsync(key, call, name => stolen.Contains(name) || name == "org_id" ? world.IdOf(name) : name == "collection_id" ? other : "unknown", world);
                if (stolen.Count > 0) await AssertDeniedAsync(answer, $"{call.Operation} with {string.Join(" and ", stolen)}", world, world.Tenant.Organization);
                else await AssertTellsNothingAsync(answer, call.Operation, world, world.Tenant.Organization);
            }
        }

        using var list = await key.GetAsync("/api/v1/collections");
        Assert.Equal([other], (await list.JsonAsync())["data"]!["collections"]!.AsArray().Select(collection => collection!["id"]!.GetValue<string>()));
        using var jobs = await key.GetAsync($"/api/v1/organizations/{world.Tenant.Organization}/batch");
        Assert.Empty((await jobs.JsonAsync())["data"]!["jobs"]!.AsArray());
        using var made = await key.PostAsync("/api/v1/collections", Calls.JsonBody("""{"name": "x"}"""));
        Assert.Equal("COLLECTION_NOT_ALLOWED", await made.ErrorCodeAsync());
        Assert.Equal(before, await world.StateAsync());
    }

    [Fact]
    public async Task Ids_of_garbage_are_unknown()
    {
        await using var host = await TestHost.StartAsync();
        var world = await World.CreateAsync(host, "owner7f3a");
        var before = await world.StateAsync();

        foreach (var call in Calls.All.Where(call => !call.IsPublic))
        {
            foreach (var name in ParametersOf(call))
            {
                foreach (var garbage in Garbage)
                {
                    using var answer = await SendAsync(world.Tenant.Bearer, call, parameter => parameter == name ? garbage : world.IdOf(parameter), world);
                    await AssertDeniedAsync(answer, $"{call.Operation} with {garbage} for {name}", null, statuses: [HttpStatusCode.NotFound]);
                }
            }
        }

        Assert.Equal(before, await world.StateAsync());
    }

    /// <summary>Routes that name no organization take one in a header.</summary>
    private static async Task InAnothersNameAsync(Call call, World attacker, World victim)
    {
        if (call.Path == "/api/v1/me" || ParametersOf(call).Contains("org_id")) return;
        foreach (var credential in new[] { attacker.Tenant.Key, attacker.Tenant.Bearer })
        {
            using var request = Request(call, victim.IdOf, victim);
            request.Headers.Add("X-Organization-Id", victim.Tenant.Organization);
            using var answer = await credential.SendAsync(request);
            await AssertDeniedAsync(answer, $"{call.Operation} in another's name", victim, statuses: [HttpStatusCode.NotFound]);
        }
    }

    private static async Task IdsOutsideThePathAsync(World attacker, World victim)
    {
        var tenant = attacker.Tenant;
        foreach (var call in Calls.All.Where(call => call is { Role: "viewer", IsPublic: false }))
        {
            using var own = await SendAsync(tenant.Bearer, call, attacker.IdOf, attacker);
            await AssertTellsNothingAsync(own, call.Operation, victim);
        }

        using var jobs = await tenant.Key.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch?collection_id={victim.Tenant.Collection}");
        Assert.Empty((await jobs.JsonAsync())["data"]!["jobs"]!.AsArray());
        using var key = await tenant.Bearer.PostAsync(
            $"/api/v1/organizations/{tenant.Organization}/api-keys", Calls.JsonBody($$"""{"name": "x", "scopes": ["batch"], "collections": ["{{victim.Tenant.Collection}}"]}"""));
        Assert.Equal("INVALID_REQUEST", await key.ErrorCodeAsync());
        using var person = await tenant.Key.GetAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id={victim.Person}");
        Assert.Empty((await person.JsonAsync())["data"]!["faces"]!.AsArray());
        var verify = Calls.All.Single(call => call.Path.EndsWith("{collection_id}/verify", StringComparison.Ordinal));
        using var face = await SendAsync(tenant.Key, verify, attacker.IdOf, victim); // the body names the victim's face
        await AssertDeniedAsync(face, "verify with another's face_id", victim);
        var found = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell"), ("top_k", "100"), ("threshold", "0"));
        Assert.Equal(2, found["matches"]!.AsArray().Count);
        Assert.DoesNotContain(victim.Mark, found.ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>Who is let in is not told 403; what removes something is tried on what is not there.</summary>
    private static async Task TryAsync(HttpClient client, Call call, World world, bool isAllowed, string who)
    {
        using var answer = await SendAsync(client, call, name => call.Removes && name != "org_id" ? "unknown" : world.IdOf(name), world);
        if (!isAllowed) await AssertForbiddenAsync(answer, $"{who} on {call.Operation}");
        else if (call.Removes) Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{who} on {call.Operation}: {(int)answer.StatusCode}");
        else Assert.True(answer.IsSuccessStatusCode || answer.StatusCode == call.Idle, $"{who} on {call.Operation}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static async Task AssertForbiddenAsync(HttpResponseMessage answer, string what)
    {
        Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{what}: {(int)answer.StatusCode}");
        Assert.Equal("INSUFFICIENT_SCOPE", await answer.ErrorCodeAsync());
    }

    private static async Task AssertDeniedAsync(HttpResponseMessage answer, string what, World? victim, string? known = null, HttpStatusCode[]? statuses = null)
    {
        statuses ??= [HttpStatusCode.NotFound, HttpStatusCode.Forbidden];
        Assert.True(statuses.Contains(answer.StatusCode), $"{what}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        if (victim is not null) await AssertTellsNothingAsync(answer, what, victim, known);
    }

    private static async Task AssertTellsNothingAsync(HttpResponseMessage answer, string what, World victim, string? known = null)
    {
        var text = await answer.Content.ReadAsStringAsync() + answer.Headers;
        Assert.All(victim.Secrets.Where(secret => secret != known), secret => Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{what} tells {secret}: {text}"));
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, Call call, Func<string, string> idOf, World bodyOf) => client.SendAsync(Request(call, idOf, bodyOf));

    private static HttpRequestMessage Request(Call call, Func<string, string> idOf, World bodyOf) =>
        new(new HttpMethod(call.Method), Parameter().Replace(call.Path, match => idOf(match.Groups["name"].Value)) + call.Query(bodyOf)) { Content = call.Body?.Invoke(bodyOf) };

    private static IEnumerable<string> ParametersOf(Call call) => Parameter().Matches(call.Path).Select(match => match.Groups["name"].Value);

    private static IEnumerable<IReadOnlyList<string>> Subsets(IReadOnlyList<string> names) =>
        Enumerable.Range(1, (1 << names.Count) - 1).Select(bits => (IReadOnlyList<string>)[.. names.Where((_, i) => (bits & (1 << i)) != 0)]);

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Parameter();
}
