using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.Recognition;

namespace Rollcall.Server.Tests.Batches;

/// <summary>What ModelTests holds against a model, by example and as a caller sees it.</summary>
public sealed class UndoTests
{
    private const string NothingLeft = """{"restored":0,"removed":0,"left":[]}""";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_it_enrolled_goes_and_what_it_replaced_stands_again_and_its_results_stay_as_they_were(bool inCollection)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await TenantAsync(host, keepImages: true);
        var first = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1))));
        var job = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2)), ("q", Assets.Lfw("Tom_Ridge")), ("rocket", Assets.Sample("nonface/rocket.jpg"))));
        await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1)); // the index knows them
        var address = inCollection ? $"/api/v1/collections/{tenant.Collection}/batch/{IdOf(job)}" : Address(tenant, IdOf(job));

        using var answer = await tenant.Key.PostAsync($"{address}/undo", null);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"restored":1,"removed":2,"left":[]}""", (await answer.JsonAsync())["data"]!.ToJsonString());
        Assert.Equal(first["results"]![0]!["face_id"]!.GetValue<string>(), Assert.Single(await tenant.FacesAsync("p"))!["face_id"]!.GetValue<string>());
        Assert.Empty(await tenant.FacesAsync("q"));
        var found = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1), ("threshold", "0"), ("top_k", "10"), ("deduplicate", "false"));
        Assert.Equal(1, found["searched"]!.GetValue<int>());
        Assert.Equal(first["results"]![0]!["face_id"]!.GetValue<string>(), Assert.Single(found["matches"]!.AsArray())!["face_id"]!.GetValue<string>());
        Assert.Equal(2, Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories).Length); // the first's, and the failed item's
        await JobBooks.CheckAsync(host.Get<Database>());

        var after = await tenant.PollAsync(IdOf(job));
        Assert.NotNull(after["undone_at"]);
        after.Remove("undone_at");
        Assert.Equal(job.ToJsonString(), after.ToJsonString());
    }

    [Fact]
    public async Task A_repeat_answers_the_same_and_changes_nothing_whoever_was_enrolled_since()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await TenantAsync(host);
        var job = IdOf(await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)))));
        var first = await UndoAsync(tenant, job);
        var at = (await tenant.PollAsync(job))["undone_at"]!.GetValue<string>();
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)))); // the very same image

        Assert.Equal(first, await UndoAsync(tenant, job));

        Assert.Equal("""{"restored":0,"removed":1,"left":[]}""", first);
        Assert.Equal(at, (await tenant.PollAsync(job))["undone_at"]!.GetValue<string>());
        Assert.Single(await tenant.FacesAsync("p"));
    }

    [Theory]
    [InlineData("replace")]
    [InlineData("append")]
    [InlineData("one face")]
    [InlineData("the very same image")]
    public async Task Where_something_newer_stands_all_is_left_and_told_and_the_others_are_undone(string newer)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await TenantAsync(host);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1))));
        var job = IdOf(await tenant.EnrolAsync(BatchBody.Of(("q", Assets.Lfw("Tom_Ridge")), ("p", Assets.Lfw("Colin_Powell", 2)))));
        if (newer == "one face") await EnrolOneAsync(tenant, "p", Assets.Lfw("Colin_Powell", 3));
        else if (newer == "the very same image") await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2))));
        else await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 3))).Field("on_duplicate", newer));
        var before = (await tenant.FacesAsync("p")).ToJsonString();

        Assert.Equal("""{"restored":0,"removed":1,"left":[{"index":1,"reason":"newer_reference"}]}""", await UndoAsync(tenant, job));

        Assert.Equal(before, (await tenant.FacesAsync("p")).ToJsonString());
        Assert.Empty(await tenant.FacesAsync("q"));
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task Jobs_are_undone_backwards_one_after_the_other()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await TenantAsync(host);
        var (jobs, faces) = (new List<string>(), new List<string>());
        for (var i = 1; i <= 3; i++)
        {
            var job = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", i))));
            jobs.Add(IdOf(job));
            faces.Add(job["results"]![0]!["face_id"]!.GetValue<string>());
        }

        Assert.Equal("""{"restored":1,"removed":1,"left":[]}""", await UndoAsync(tenant, jobs[2]));
        Assert.Equal(faces[1], Assert.Single(await tenant.FacesAsync("p"))!["face_id"]!.GetValue<string>());
        Assert.Equal("""{"restored":1,"removed":1,"left":[]}""", await UndoAsync(tenant, jobs[1]));
        Assert.Equal(faces[0], Assert.Single(await tenant.FacesAsync("p"))!["face_id"]!.GetValue<string>());
        Assert.Equal("""{"restored":0,"removed":1,"left":[]}""", await UndoAsync(tenant, jobs[0]));
        Assert.Equal(0, await CountAsync(host, "face") + await CountAsync(host, "person"));
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task What_a_later_job_took_the_place_of_goes_too_once_the_later_ones_is_gone_so_that_nothing_brings_it_back()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await TenantAsync(host);
        var job = IdOf(await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)))));
        var later = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2))));
        (await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces/{later["results"]![0]!["face_id"]}")).Dispose();

        Assert.Equal("""{"restored":0,"removed":1,"left":[]}""", await UndoAsync(tenant, job));

        Assert.Equal(NothingLeft, await UndoAsync(tenant, IdOf(later)));
        Assert.Equal(0, await CountAsync(host, "face") + await CountAsync(host, "person"));
    }

    [Fact]
    public async Task What_it_confirmed_stays()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await TenantAsync(host);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)), ("p", Assets.Lfw("Colin_Powell", 2))));
        var before = (await tenant.FacesAsync("p")).ToJsonString();
        var job = IdOf(await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)), ("p", Assets.Lfw("Colin_Powell", 3)))));

        Assert.Equal("""{"restored":1,"removed":1,"left":[]}""", await UndoAsync(tenant, job));

        Assert.Equal(before, (await tenant.FacesAsync("p")).ToJsonString());
    }

    [Fact]
    public async Task What_stands_again_is_not_purged_with_the_job()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: TestHost.WithoutSweeps);
        var tenant = await TenantAsync(host);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1))));
        var job = IdOf(await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2)))));
        await UndoAsync(tenant, job);

        time.Advance(TimeSpan.FromDays(7));
        await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);

        Assert.Single(await tenant.FacesAsync("p"));
        using var gone = await tenant.Key.PostAsync($"{Address(tenant, job)}/undo", null);
        Assert.Equal("BATCH_JOB_NOT_FOUND", await gone.ErrorCodeAsync());
    }

    [Fact]
    public async Task A_job_that_is_not_finished_is_refused_and_one_of_which_nothing_is_left_has_nothing_to_undo()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var (tenant, other) = (await TenantAsync(host), await TenantAsync(host));
        var failed = IdOf(await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))));
        using var early = await tenant.Key.PostAsync($"{Address(tenant, failed)}/undo", null);
        Assert.Equal((HttpStatusCode.Conflict, "JOB_NOT_FINISHED"), (early.StatusCode, await early.ErrorCodeAsync()));
        Assert.True(await host.Get<WorkQueue>().FailJobAsync(failed, "MODEL_MISMATCH", "Another pack.", CancellationToken.None));
        var erased = IdOf(await tenant.SubmitAsync(BatchBody.Of(("q", Assets.Lfw("Tom_Ridge")))));
        var ofGone = IdOf(await tenant.SubmitAsync(BatchBody.Of(("r", Assets.Lfw("Tony_Blair")))));
        await host.WorkAsync();

        foreach (var foreign in new[] { Address(other, ofGone), $"/api/v1/collections/{other.Collection}/batch/{ofGone}" })
        {
            using var unknown = await other.Key.PostAsync($"{foreign}/undo", null);
            Assert.Equal((HttpStatusCode.NotFound, "BATCH_JOB_NOT_FOUND"), (unknown.StatusCode, await unknown.ErrorCodeAsync()));
        }

        Assert.Equal(NothingLeft, await UndoAsync(tenant, failed));
        (await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=q")).Dispose();
        Assert.Equal(NothingLeft, await UndoAsync(tenant, erased));
        (await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}")).Dispose();
        Assert.Equal(NothingLeft, await UndoAsync(tenant, ofGone));
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task Undone_while_others_enrol_the_same_people_counts_and_index_stay_right()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await TenantAsync(host);
        var jobs = new List<string>();
        for (var round = 1; round <= 4; round++)
            jobs.Add(IdOf(await tenant.SubmitAsync(BatchBody.Of([.. Enumerable.Range(0, 4).Select(person => ($"p{person}", Assets.Lfw("George_W_Bush", round)))]))));

        await Task.WhenAll(jobs.Select(async job =>
        {
            await tenant.EndOfAsync(job);
            await UndoAsync(tenant, job);
            await JobBooks.CheckAsync(host.Get<Database>());
        }));

        await JobBooks.CheckAsync(host.Get<Database>());
        var found = await tenant.IdentifyAsync(Assets.Lfw("George_W_Bush", 1), ("threshold", "0"), ("top_k", "100"), ("deduplicate", "false"));
        Assert.Equal(await CountAsync(host, "face WHERE state = 0"), found["searched"]!.GetValue<int>());
    }

    /// <summary>Where every photograph with a face in it is enrolled.</summary>
    private static Task<Tenant> TenantAsync(TestHost host, bool keepImages = false) => Tenant.CreateAsync(
        host.Address, new() { ["multiple_faces"] = "largest", ["min_quality"] = 0, ["allow_identity_change"] = true, ["keep_images"] = keepImages });

    private static async Task<string> UndoAsync(Tenant tenant, string job)
    {
        using var answer = await tenant.Key.PostAsync($"{Address(tenant, job)}/undo", null);
        var body = await answer.JsonAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body.ToJsonString());
        return body["data"]!.ToJsonString();
    }

    private static async Task EnrolOneAsync(Tenant tenant, string person, string photograph)
    {
        using var answer = await tenant.Key.SendAsync($"collections/{tenant.Collection}/faces", [("image", await File.ReadAllBytesAsync(photograph))], ("external_id", person), ("on_duplicate", "append"));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private static string Address(Tenant tenant, string job) => $"/api/v1/organizations/{tenant.Organization}/batch/{job}";

    private static string IdOf(JsonObject job) => job["job_id"]!.GetValue<string>();

    private static Task<long> CountAsync(TestHost host, string from) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {from}", null, tx), CancellationToken.None);
}
