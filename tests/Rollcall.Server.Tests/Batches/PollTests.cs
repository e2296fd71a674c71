using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Batches;

public sealed class PollTests
{
    [Fact]
    public async Task A_job_is_polled_by_organization_and_by_collection_with_either_credential()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();

        foreach (var client in new[] { tenant.Key, tenant.Bearer })
        {
            foreach (var parent in new[] { $"organizations/{tenant.Organization}", $"collections/{tenant.Collection}" })
            {
                using var answer = await client.GetAsync($"/api/v1/{parent}/batch/{job}");
                var data = (await answer.JsonAsync())["data"]!.AsObject();
                Assert.Equal(
                    ["job_id", "status", "total", "processed", "succeeded", "failed", "collection_id", "on_duplicate", "created_at", "started_at", "completed_at", "expires_at", "results"],
                    data.Select(property => property.Key));
                Assert.Equal(tenant.Collection, data["collection_id"]!.GetValue<string>());
                Assert.Equal("replace", data["on_duplicate"]!.GetValue<string>());
            }
        }
    }

    [Fact]
    public async Task Results_can_be_left_out_or_cut_to_those_that_failed()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Sample("nonface/rocket.jpg")))))["job_id"]!.GetValue<string>();

        Assert.False((await tenant.PollAsync(job, "?results=false")).ContainsKey("results"));
        Assert.Equal("q", Assert.Single((await tenant.PollAsync(job, "?results=failed"))["results"]!.AsArray())!["external_id"]!.GetValue<string>());
        foreach (var query in new[] { "?results=some", "?wait=61", "?wait=-1", "?wait=soon" })
        {
            using var refused = await tenant.Key.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch/{job}{query}");
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("rubbish")]
    [InlineData("%00")]
    [InlineData("a%27%20OR%201=1")]
    public async Task An_id_that_cannot_exist_is_an_unknown_one(string id)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await tenant.Key.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch/{id}");

        if (id == "%00") Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.BadRequest, HttpStatusCode.NotFound });
        else Assert.Equal("BATCH_JOB_NOT_FOUND", await answer.ErrorCodeAsync());
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first_page_by_page_and_filtered()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var jobs = new List<string>();
        for (var i = 0; i < 5; i++) jobs.Add((await tenant.EnrolAsync(new BatchBody().Image($"p{i}", Pictures.Jpeg(120 + i, 120))))["job_id"]!.GetValue<string>());

        var first = await ListAsync("?limit=2");
        await tenant.EnrolAsync(new BatchBody().Image("new", Pictures.Jpeg(200, 120))); // an insert does not shift the pages
        var second = await ListAsync($"?limit=2&cursor={first["next_cursor"]}");
        var third = await ListAsync($"?limit=2&cursor={second["next_cursor"]}");

        Assert.Equal(Enumerable.Reverse(jobs), new[] { first, second, third }.SelectMany(Ids));
        Assert.Null(third["next_cursor"]);
        Assert.False(first["jobs"]![0]!.AsObject().ContainsKey("results"));
        Assert.Empty(Ids(await ListAsync("?status=queued")));
        Assert.Equal(6, Ids(await ListAsync("?status=done")).Count());
        Assert.Empty(Ids(await ListAsync("?collection_id=col_other")));
        Assert.Empty(Ids(await ListAsync("?created_before=2020-01-01T00:00:00Z")));
        Assert.Equal(6, Ids(await ListAsync("?created_after=2020-01-01T00:00:00Z")).Count());
        foreach (var query in new[] { "?limit=0", "?limit=201", "?limit=x", "?status=over", "?cursor=%21", "?cursor=AA", "?created_after=yesterday", "?created_after=01/02/2026", "?created_after=2026-01-01" })
        {
            using var refused = await tenant.Key.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch{query}");
            Assert.True(refused.StatusCode == HttpStatusCode.BadRequest, query);
            Assert.Equal("INVALID_REQUEST", await refused.ErrorCodeAsync());
        }

        Task<JsonObject> ListAsync(string query) => tenant.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch{query}");
        static IEnumerable<string> Ids(JsonObject page) => page["jobs"]!.AsArray().Select(job => job!["job_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_job_whose_collection_became_unusable_fails_and_enrols_nothing()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await PretendAsync(host, "UPDATE collection SET model = 'other' WHERE id = @id", tenant.Collection);
        using var refused = await tenant.PostAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal("MODEL_MISMATCH", await refused.ErrorCodeAsync());

        // Accepted under one model and worked on under another, as after a restart with another pack.
        await PretendAsync(host, "UPDATE collection SET model = 'standard' WHERE id = @id", tenant.Collection);
        await PretendAsync(host, "CREATE TRIGGER swap AFTER INSERT ON work BEGIN UPDATE collection SET model = 'other'; END", tenant.Collection);
        var job = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Lfw("Tom_Ridge"))));

        Assert.Equal("failed", job["status"]!.GetValue<string>());
        Assert.Equal("MODEL_MISMATCH", job["error"]!["code"]!.GetValue<string>());
        Assert.Equal(0, job["processed"]!.GetValue<int>());
        Assert.Empty(job["results"]!.AsArray());
        Assert.NotNull(job["expires_at"]);
    }

    private static Task PretendAsync(TestHost host, string sql, string id) =>
        host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, new { id }, tx), CancellationToken.None);
}
