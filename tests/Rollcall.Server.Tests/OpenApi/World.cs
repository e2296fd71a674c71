using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.Organizations;

namespace Rollcall.Server.Tests.OpenApi;

/// <summary>A tenant with something of everything, under names that are found again wherever they leak to.</summary>
internal sealed class World
{
    private World(TestHost host, Tenant tenant, string mark) => (Host, Tenant, Mark) = (host, tenant, mark);

    public TestHost Host { get; }

    public Tenant Tenant { get; }

    /// <summary>In every name, external id and metadata of this tenant, and in nothing else.</summary>
    public string Mark { get; }

    public string Job { get; private set; } = "";

    public string Face { get; private set; } = "";

    public string ApiKey { get; private set; } = "";

    /// <summary>Whoever <see cref="Tenant"/> signs in as, and one more member, who reads.</summary>
    public string Owner { get; private set; } = "";

    public string Member { get; private set; } = "";

    /// <summary>The person of <see cref="Face"/>, and one more.</summary>
    public string Person => $"{Mark}-anna";

    public string OtherPerson => $"{Mark}-bert";

    /// <summary>What may never come up in an answer to somebody else.</summary>
    public IReadOnlyList<string> Secrets => [Tenant.Organization, Tenant.Collection, Job, Face, ApiKey, Owner, Member, Mark];

    public static async Task<World> CreateAsync(TestHost host, string mark)
    {
        var tenant = await Tenant.CreateAsync(host.Address);
        var world = new World(host, tenant, mark);
        await world.RenameAsync();
        var job = await tenant.EnrolAsync(BatchBody.Of((world.Person, Assets.Lfw("Colin_Powell")), (world.OtherPerson, Assets.Lfw("Tom_Ridge")))
            .Field("metadata[]", $$"""{"name": "{{mark}}"}""").Field("metadata[]", ""));
        world.Job = job["job_id"]!.GetValue<string>();
        world.Face = job["results"]![0]!["face_id"]!.GetValue<string>();
        Assert.Equal(2, job["succeeded"]!.GetValue<int>());

        await tenant.CreateKeyAsync(new JsonObject { ["name"] = mark, ["scopes"] = new JsonArray("identify") });
        using var keys = await tenant.Bearer.GetAsync($"/api/v1/organizations/{tenant.Organization}/api-keys");
        world.ApiKey = (await keys.JsonAsync())["data"]!["api_keys"]![0]!["id"]!.GetValue<string>();
        world.Owner = (await Colleague.OfOwnerAsync(tenant)).Id;
        world.Member = (await host.MemberAsync(tenant, "viewer")).Id;
        return world;
    }

    public string IdOf(string parameter) => parameter switch
    {
        "org_id" => Tenant.Organization,
        "collection_id" => Tenant.Collection,
        "job_id" => Job,
        "face_id" => Face,
        "key_id" => ApiKey,
        "user_id" => Member,
        _ => throw new InvalidOperationException($"The walk has no {parameter}: give {nameof(World)} one."),
    };

    /// <summary>A person's role is what the database says now.</summary>
    public Task SetRoleAsync(string role) => ExecuteAsync(
        "UPDATE member SET role = @role WHERE organization_id = @Organization AND account_id = @Owner", new { role, Tenant.Organization, Owner });

    /// <summary>All that the tenant has, as it sees it itself; what merely tells that it was looked at is left out.</summary>
    public async Task<string> StateAsync()
    {
        var all = new JsonArray();
        foreach (var path in new[]
        {
            "collections", $"collections/{Tenant.Collection}/faces", $"organizations/{Tenant.Organization}/batch", $"organizations/{Tenant.Organization}/batch/{Job}",
            $"organizations/{Tenant.Organization}/api-keys", $"organizations/{Tenant.Organization}/members",
        })
        {
            using var answer = await Tenant.Bearer.GetAsync($"/api/v1/{path}");
            var data = (await answer.JsonAsync())["data"]!;
            foreach (var key in data["api_keys"]?.AsArray() ?? []) key!.AsObject().Remove("last_used_at");
            all.Add(data.DeepClone());
        }

        return all.ToJsonString();
    }

    private async Task RenameAsync()
    {
        var body = new JsonObject { ["name"] = Mark, ["description"] = Mark }.ToJsonString();
        using var renamed = await Tenant.Key.PatchAsync($"/api/v1/collections/{Tenant.Collection}", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.True(renamed.IsSuccessStatusCode);
        await ExecuteAsync("UPDATE organization SET name = @Mark WHERE id = @Organization", new { Mark, Tenant.Organization });
    }

    private Task ExecuteAsync(string sql, object parameters) =>
        Host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, parameters, tx), CancellationToken.None);
}
