using System.Net;
using System.Text.Json.Nodes;
using Rollcall.Server.Tests.Organizations;

namespace Rollcall.Server.Tests.Hosting;

/// <summary>What every list of the API has in common.</summary>
public sealed class ListTests
{
    /// <summary>The list, its name in the answer, the field that its rows go by.</summary>
    public static TheoryData<string, string, string> Lists { get; } = new()
    {
        { "collections", "collections", "id" },
        { "organizations/{org}/collections", "collections", "id" },
        { "organizations/{org}/api-keys", "api_keys", "id" },
        { "organizations/{org}/members", "members", "user_id" },
        { "organizations/{org}/batch", "jobs", "job_id" },
        { "collections/{col}/faces", "faces", "face_id" },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task It_is_newest_first_and_its_pages_do_not_move_when_something_is_added(string path, string name, string id)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        for (var i = 0; i < 3; i++) await AddAsync(host, tenant, path, i);
        var before = Ids(await ListAsync(""));
        Assert.True(before.Count >= 3);
        Assert.Equal(before.OrderDescending(StringComparer.Ordinal), before);

        var (seen, cursor, pages) = (new List<string>(), "", 0);
        do
        {
            var page = await ListAsync($"?limit=1{cursor}");
            seen.AddRange(Ids(page));
            cursor = page["next_cursor"] is { } next ? $"&cursor={Uri.EscapeDataString(next.GetValue<string>())}" : null;
            if (++pages <= 2) await AddAsync(host, tenant, path, 10 + pages);
        }
        while (cursor is not null);

        Assert.Equal(before, seen);
        Assert.Equal(before.Count + 2, Ids(await ListAsync("?limit=200")).Count);

        async Task<JsonObject> ListAsync(string query)
        {
            using var answer = await tenant.Bearer.GetAsync(Address(tenant, path) + query);
            return (await answer.JsonAsync())["data"]!.AsObject();
        }

        List<string> Ids(JsonObject page) => [.. page[name]!.AsArray().Select(row => row![id]!.GetValue<string>())];
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_limit_out_of_range_and_a_cursor_that_is_none_are_400(string path, string name, string id)
    {
        _ = (name, id);
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        foreach (var query in new[]
        {
            "limit=0", "limit=201", "limit=-1", "limit=1.0", "limit=x", "limit=", "limit=1&limit=2", "limit=99999999999",
            "cursor=", "cursor=%21", "cursor=AA", "cursor=J09SIDE9MSAtLQ", "cursor=" + new string('a', 300), "cursor=YQ&cursor=YQ", "cursor=%00",
        })
        {
            using var answer = await tenant.Bearer.GetAsync($"{Address(tenant, path)}?{query}");
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, query);
            Assert.Equal("INVALID_REQUEST", await answer.ErrorCodeAsync());
        }

        foreach (var query in new[] { "limit=1", "limit=200", "cursor=YQ" }) // a cursor of another time is still one
        {
            using var answer = await tenant.Bearer.GetAsync($"{Address(tenant, path)}?{query}");
            Assert.True(answer.StatusCode == HttpStatusCode.OK, query);
        }
    }

    private static string Address(Tenant tenant, string path) =>
        "/api/v1/" + path.Replace("{org}", tenant.Organization, StringComparison.Ordinal).Replace("{col}", tenant.Collection, StringComparison.Ordinal);

    private static async Task AddAsync(TestHost host, Tenant tenant, string path, int number)
    {
        if (path.EndsWith("collections", StringComparison.Ordinal)) await tenant.CreateCollectionAsync();
        else if (path.EndsWith("api-keys", StringComparison.Ordinal)) await tenant.CreateKeyAsync(new() { ["scopes"] = new JsonArray("batch") });
        else if (path.EndsWith("members", StringComparison.Ordinal)) await host.MemberAsync(tenant, "viewer");
        else await tenant.EnrolAsync(BatchBody.Of(($"p{number}", Assets.Lfw("Colin_Powell", number + 1))));
    }
}
