using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Storage;
using static Rollcall.Server.Tests.OpenApi.Calls;

namespace Rollcall.Server.Tests.Batches;

public sealed class RetryTests
{
    private static readonly string Group = Assets.Sample("group/bald_guys.jpg");
    private static readonly string Rocket = Assets.Sample("nonface/rocket.jpg");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_failed_items_become_a_job_of_their_own_that_names_its_parent_and_the_parent_stays_as_it_ended(bool inCollection)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var parent = await tenant.EnrolAsync(BatchBody.Of(("good", Assets.Lfw("Colin_Powell")), ("group", Group), ("rocket", Rocket))
            .Field("metadata[]", "{}").Field("metadata[]", """{"shift": "night"}""").Field("metadata[]", ""));
        Assert.Equal(["enrolled", "MULTIPLE_FACES", "FACE_NOT_DETECTED"], Ends(parent));
        var address = inCollection ? $"/api/v1/collections/{tenant.Collection}/batch/{IdOf(parent)}" : Address(tenant, IdOf(parent));

        using var answer = await tenant.Key.PostAsync($"{address}/retry", JsonBody("""{"multiple_faces": "largest", "min_quality": 0}"""));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var accepted = (await answer.JsonAsync())["data"]!.AsObject();
        Assert.NotEqual(IdOf(parent), IdOf(accepted));
        Assert.Equal(("queued", 2, 0), (accepted["status"]!.GetValue<string>(), Int(accepted, "total"), Int(accepted, "processed")));
        Assert.Equal(IdOf(parent), accepted["parent_job_id"]!.GetValue<string>());
        Assert.Equal($"/api/v1/collections/{tenant.Collection}/batch/{IdOf(accepted)}", answer.Headers.Location!.ToString());
        Assert.Equal(TimeSpan.FromSeconds(2), answer.Headers.RetryAfter!.Delta);

        var ended = await tenant.EndOfAsync(IdOf(accepted));
        Assert.Equal(["enrolled", "FACE_NOT_DETECTED"], Ends(ended));
        Assert.Equal(["group", "rocket"], ended["results"]!.AsArray().Select(item => item!["external_id"]!.GetValue<string>()));
        Assert.Equal(IdOf(parent), ended["parent_job_id"]!.GetValue<string>());
        Assert.Equal("""{"shift":"night"}""", Assert.Single(await tenant.FacesAsync("group"))!["metadata"]!.ToJsonString());
        Assert.Equal(parent.ToJsonString(), (await tenant.PollAsync(IdOf(parent))).ToJsonString());
        Assert.Single(Blobs(host)); // the rocket's
        await JobBooks.CheckAsync(host.Get<Database>());

        // A second retry finds nothing of the parent's; what failed again is the new job's.
        Assert.Equal((HttpStatusCode.Conflict, "NOTHING_TO_RETRY"), await RefusedAsync(tenant, IdOf(parent)));
        var again = await RetryAsync(tenant, IdOf(ended));
        Assert.Equal((1, IdOf(ended)), (Int(again, "total"), again["parent_job_id"]!.GetValue<string>()));
        await tenant.EndOfAsync(IdOf(again));
    }

    [Fact]
    public async Task Only_items_with_the_codes_that_are_named_are_retried_and_the_others_can_be_later()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var parent = IdOf(await tenant.EnrolAsync(BatchBody.Of(("group", Group), ("rocket", Rocket))));

        Assert.Equal((HttpStatusCode.Conflict, "NOTHING_TO_RETRY"), await RefusedAsync(tenant, parent, """{"codes": ["CANCELLED"]}"""));
        var first = await tenant.EndOfAsync(IdOf(await RetryAsync(tenant, parent, """{"codes": ["FACE_NOT_DETECTED", "ERASED"]}""")));
        var second = await tenant.EndOfAsync(IdOf(await RetryAsync(tenant, parent, """{"multiple_faces": "largest"}""")));

        Assert.Equal(["FACE_NOT_DETECTED"], Ends(first));
        Assert.Equal("group", Assert.Single(second["results"]!.AsArray())!["external_id"]!.GetValue<string>());
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task Gates_that_are_left_out_are_those_of_the_job_and_the_collections_other_settings_are_those_of_now()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var parent = IdOf(await tenant.SubmitAsync(BatchBody.Of(("p", Rocket)).Field("on_duplicate", "append").Field("multiple_faces", "match_existing").Field("check_liveness", "true").Field("min_quality", "0.7")));
        await host.WorkAsync();
        (await tenant.Key.PatchAsync($"/api/v1/collections/{tenant.Collection}", JsonBody("""{"settings": {"min_quality": 0.1, "keep_images": true, "identity_guard": 0.25}}"""))).Dispose();

        var retried = await RetryAsync(tenant, parent, """{"min_quality": 0.6, "codes": null, "allow_identity_change": null}""");

        Assert.Equal("append", retried["on_duplicate"]!.GetValue<string>());
        var claimed = Assert.Single((await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items).JobOptions;
        Assert.Equal(("Append", "MatchExisting", 0.6, false), (claimed.OnDuplicate.ToString(), claimed.MultipleFaces.ToString(), claimed.MinQuality, claimed.AllowIdentityChange));
        Assert.True(claimed.CheckLiveness);
        Assert.Equal((0.25, true), (claimed.IdentityGuard, claimed.KeepImages));
    }

    [Theory]
    [InlineData("""{"min_quality": 1.5}""")]
    [InlineData("""{"min_quality": "0.5"}""")]
    [InlineData("""{"multiple_faces": "some"}""")]
    [InlineData("""{"check_liveness": "true"}""")]
    [InlineData("""{"dry_run": true}""")]
    [InlineData("""{"min_qualty": 0.5}""")]
    [InlineData("""{"codes": []}""")]
    [InlineData("""{"codes": [null]}""")]
    [InlineData("""{"codes": ["FACE_NOT_DETECTD"]}""")]
    [InlineData("""{"codes": "FACE_NOT_DETECTED"}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public async Task A_body_that_is_wrong_or_asks_for_what_is_not_there_yet_is_refused_and_takes_nothing(string body)
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var parent = IdOf(await tenant.SubmitAsync(BatchBody.Of(("p", Rocket))));
        await host.WorkAsync();

        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_REQUEST"), await RefusedAsync(tenant, parent, body));

        Assert.Equal(1, Int(await RetryAsync(tenant, parent), "total"));
    }

    [Fact]
    public async Task What_was_cancelled_and_what_waited_in_a_job_that_failed_as_a_whole_can_be_retried_and_what_is_not_finished_cannot()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var cancelled = IdOf(await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))));
        var failed = IdOf(await tenant.SubmitAsync(BatchBody.Of(("q", Assets.Lfw("Tom_Ridge")), ("r", Assets.Lfw("Colin_Powell", 2)))));
        Assert.Equal((HttpStatusCode.Conflict, "JOB_NOT_FINISHED"), await RefusedAsync(tenant, cancelled));
        (await tenant.Key.PostAsync($"{Address(tenant, cancelled)}/cancel", null)).Dispose();
        Assert.True(await host.Get<WorkQueue>().FailJobAsync(failed, "MODEL_MISMATCH", "Another pack.", CancellationToken.None));

        Assert.Equal((HttpStatusCode.Conflict, "NOTHING_TO_RETRY"), await RefusedAsync(tenant, failed, """{"codes": ["CANCELLED"]}"""));
        var jobs = new[] { await RetryAsync(tenant, cancelled, """{"codes": ["CANCELLED"]}"""), await RetryAsync(tenant, failed, """{"codes": ["MODEL_MISMATCH"]}""") };
        await host.WorkAsync();

        Assert.Equal([1, 2], jobs.Select(job => Int(job, "total")));
        foreach (var job in jobs) Assert.All(Ends(await tenant.PollAsync(IdOf(job))), end => Assert.Equal("enrolled", end));
        var before = await tenant.PollAsync(failed);
        Assert.Equal(("failed", 0), (before["status"]!.GetValue<string>(), Int(before, "processed")));
        Assert.Empty(Blobs(host));
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task The_uploads_are_the_new_jobs_whatever_becomes_of_the_parent()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: builder =>
        {
            TestHost.WithoutWorker(builder);
            TestHost.WithoutSweeps(builder);
        });
        var tenant = await Tenant.CreateAsync(host.Address);
        var parents = new List<string>();
        foreach (var person in new[] { "purged", "deleted" })
        {
            parents.Add(IdOf(await tenant.SubmitAsync(BatchBody.Of((person, Assets.Lfw("Colin_Powell")), (person + "-other", Rocket)).Field("min_quality", "1"))));
            await host.WorkAsync();
            time.Advance(TimeSpan.FromDays(1));
        }

        var stored = await StoredAsync(host);
        var children = new List<string>();
        foreach (var parent in parents) children.Add(IdOf(await RetryAsync(tenant, parent, """{"min_quality": 0, "codes": ["FACE_QUALITY_TOO_LOW"]}""")));
        Assert.Equal(stored, await StoredAsync(host)); // they changed hands

        (await tenant.Key.DeleteAsync(Address(tenant, parents[1]))).Dispose();
        time.Advance(TimeSpan.FromDays(5));
        Assert.Equal(1, await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None));
        await host.Get<BatchRetention>().SweepAsync(DateTimeOffset.MaxValue, CancellationToken.None);
        Assert.Equal(2, Blobs(host).Length);
        await JobBooks.CheckAsync(host.Get<Database>());

        await host.WorkAsync();
        foreach (var child in children) Assert.Equal(["enrolled"], Ends(await tenant.PollAsync(child)));
        Assert.Empty(Blobs(host));
        Assert.Equal(0, await StoredAsync(host));
    }

    [Fact]
    public async Task Who_is_erased_is_not_retried_and_is_erased_from_a_retry_that_waits()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var parent = IdOf(await tenant.SubmitAsync(BatchBody.Of(("p", Rocket), ("q", Rocket), ("r", Rocket))));
        await host.WorkAsync();

        await EraseAsync("p");
        var child = await RetryAsync(tenant, parent);
        Assert.Equal(2, Int(child, "total"));
        await EraseAsync("q");

        Assert.Equal(["ERASED"], Ends(await tenant.PollAsync(IdOf(child))));
        Assert.Single(Blobs(host));
        await JobBooks.CheckAsync(host.Get<Database>());

        async Task EraseAsync(string person) => (await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id={person}")).Dispose();
    }

    [Fact]
    public async Task Of_twenty_retries_at_the_same_moment_one_takes_all()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var parent = IdOf(await tenant.EnrolAsync(BatchBody.Of([.. Enumerable.Range(0, 6).Select(i => ($"p{i}", Rocket))])));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => tenant.Key.PostAsync($"{Address(tenant, parent)}/retry", null)));

        Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        var child = (await answers.Single(answer => answer.StatusCode == HttpStatusCode.Accepted).JsonAsync())["data"]!.AsObject();
        Assert.Equal(6, Int(child, "total"));
        await tenant.EndOfAsync(IdOf(child));
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task A_collection_that_is_gone_or_of_another_pack_and_a_job_that_is_not_there_take_nothing()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var (tenant, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        var parent = IdOf(await tenant.SubmitAsync(BatchBody.Of(("p", Rocket))));
        await host.WorkAsync();

        Assert.Equal((HttpStatusCode.NotFound, "BATCH_JOB_NOT_FOUND"), await RefusedAsync(tenant, "unknown"));
        Assert.Equal((HttpStatusCode.NotFound, "BATCH_JOB_NOT_FOUND"), await RefusedAsync(other, parent));
        await ExecuteAsync(host, "UPDATE collection SET model = 'another'");
        Assert.Equal((HttpStatusCode.Conflict, "MODEL_MISMATCH"), await RefusedAsync(tenant, parent));
        (await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}")).Dispose();
        Assert.Equal((HttpStatusCode.NotFound, "COLLECTION_NOT_FOUND"), await RefusedAsync(tenant, parent));
        Assert.Single((await tenant.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch"))["jobs"]!.AsArray());
    }

    private static async Task<JsonObject> RetryAsync(Tenant tenant, string job, string? body = null)
    {
        using var answer = await tenant.Key.PostAsync($"{Address(tenant, job)}/retry", body is null ? null : JsonBody(body));
        var text = await answer.JsonAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, text.ToJsonString());
        return text["data"]!.AsObject();
    }

    private static async Task<(HttpStatusCode, string?)> RefusedAsync(Tenant tenant, string job, string? body = null)
    {
        using var answer = await tenant.Key.PostAsync($"{Address(tenant, job)}/retry", body is null ? null : JsonBody(body));
        return (answer.StatusCode, await answer.ErrorCodeAsync());
    }

    private static IEnumerable<string> Ends(JsonObject job) => job["results"]!.AsArray().Select(item => $"{item!["error"]?["code"] ?? item["outcome"]}");

    private static string Address(Tenant tenant, string job) => $"/api/v1/organizations/{tenant.Organization}/batch/{job}";

    private static string IdOf(JsonObject job) => job["job_id"]!.GetValue<string>();

    private static int Int(JsonObject job, string name) => job[name]!.GetValue<int>();

    private static string[] Blobs(TestHost host) => Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories);

    private static Task<long> StoredAsync(TestHost host) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT SUM(stored_bytes) FROM organization", null, tx), CancellationToken.None);

    private static Task ExecuteAsync(TestHost host, string sql) => host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, null, tx), CancellationToken.None);
}
