using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Faces.Models;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.Recognition;
using static Rollcall.Server.Tests.OpenApi.Calls;

namespace Rollcall.Server.Tests.Batches;

/// <summary>People who were enrolled under two external ids, found with real photographs.</summary>
public sealed class LookAlikeTests
{
    private static readonly string Powell1 = Assets.Lfw("Colin_Powell", 1);
    private static readonly string Powell2 = Assets.Lfw("Colin_Powell", 2);
    private static readonly string Powell3 = Assets.Lfw("Colin_Powell", 3);
    private static readonly string Ridge1 = Assets.Lfw("Tom_Ridge", 1);
    private static readonly string Ridge2 = Assets.Lfw("Tom_Ridge", 2);
    private static readonly string Bush = Assets.Lfw("George_W_Bush");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_ids_of_a_job_that_are_one_person_are_a_pair_once_and_as_alike_as_their_photographs(bool inCollection)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = await tenant.EnrolAsync(BatchBody.Of(("bush", Bush), ("powell", Powell1), ("ridge", Ridge1), ("colin", Powell2)));

        var report = await tenant.GetAsync($"{EventTests.Address(tenant, IdOf(job), inCollection)}/look-alikes");

        var pair = Assert.Single(report["pairs"]!.AsArray())!;
        Assert.Equal([(1, "powell"), (3, "colin")], Sides(pair));
        Assert.Equal((FaceOf(job, 1), FaceOf(job, 3)), (pair["first"]!["face_id"]!.GetValue<string>(), pair["second"]!["face_id"]!.GetValue<string>()));
        var compared = await tenant.Key.SendAsync("compare", [ProbeCalls.File("image_a", Powell1), ProbeCalls.File("image_b", Powell2)]).DataAsync();
        Assert.Equal(compared["similarity"]!.GetValue<double>(), pair["similarity"]!.GetValue<double>());
        Assert.Equal(compared["cosine"]!.GetValue<double>(), pair["cosine"]!.GetValue<double>());
        Assert.Equal((0.5, 4, false), (report["threshold"]!.GetValue<double>(), report["searched"]!.GetValue<int>(), report["truncated"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Somebody_who_is_enrolled_already_under_another_id_is_found_and_what_was_there_before_is_not_reported_with_itself()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("old", Powell1), ("old too", Powell3)));
        var job = await tenant.EnrolAsync(BatchBody.Of(("ridge", Ridge1), ("new", Powell2)));

        var report = await ReportAsync(tenant, job);

        Assert.Equal(2, report["pairs"]!.AsArray().Count); // and not the two old ones, which are none of this job's
        Assert.All(report["pairs"]!.AsArray(), pair => Assert.Equal((1, "new"), Sides(pair!)[0]));
        Assert.Equal([(-1, "old"), (-1, "old too")], report["pairs"]!.AsArray().Select(pair => Sides(pair!)[1]).OrderBy(side => side.Id, StringComparer.Ordinal));
        AssertFalling(report);
    }

    [Fact]
    public async Task References_of_one_id_are_no_pair_and_each_two_people_are_one_by_the_two_that_are_most_alike()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = await tenant.EnrolAsync(BatchBody.Of(("a", Powell1), ("a", Powell2), ("b", Powell3), ("b", Assets.Lfw("Colin_Powell", 4))));

        var report = await ReportAsync(tenant, job);

        var pair = Assert.Single(report["pairs"]!.AsArray())!;
        Assert.Equal(["a", "b"], Sides(pair).Select(side => side.Id));
        var best = 0.0;
        foreach (var one in new[] { Powell1, Powell2 })
        {
            foreach (var other in new[] { Powell3, Assets.Lfw("Colin_Powell", 4) })
            {
                var compared = await tenant.Key.SendAsync("compare", [ProbeCalls.File("image_a", one), ProbeCalls.File("image_b", other)]).DataAsync();
                best = Math.Max(best, compared["cosine"]!.GetValue<double>());
            }
        }

        Assert.Equal(best, pair["cosine"]!.GetValue<double>());
    }

    [Fact]
    public async Task The_collections_threshold_of_now_decides_and_a_pair_at_it_counts()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = await tenant.EnrolAsync(BatchBody.Of(("a", Powell1), ("b", Powell2), ("c", Ridge1)));
        var similarity = (await ReportAsync(tenant, job))["pairs"]![0]!["similarity"]!.GetValue<double>();

        Assert.Single((await ReportAsync(tenant, job, similarity))["pairs"]!.AsArray());
        var above = await ReportAsync(tenant, job, similarity + 0.0001);
        Assert.Empty(above["pairs"]!.AsArray());
        Assert.Equal(similarity + 0.0001, above["threshold"]!.GetValue<double>(), 0.00001);

        var everybody = await ReportAsync(tenant, job, 0);
        Assert.Equal(3, everybody["pairs"]!.AsArray().Count);
        AssertFalling(everybody);
        Assert.False(everybody["truncated"]!.GetValue<bool>());
    }

    [Fact]
    public async Task The_very_same_photograph_under_two_ids_reaches_every_threshold()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = await tenant.EnrolAsync(BatchBody.Of(("a", Powell1), ("b", Powell1)));

        Assert.Equal(1, Assert.Single((await ReportAsync(tenant, job, 1))["pairs"]!.AsArray())!["similarity"]!.GetValue<double>());
    }

    [Fact]
    public async Task Who_was_erased_or_replaced_is_in_no_pair_and_what_a_job_only_confirmed_is()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("erased", Powell1), ("replaced", Powell3), ("confirmed", Ridge1)));
        var job = await tenant.EnrolAsync(BatchBody.Of(("powell", Powell2), ("confirmed", Ridge1), ("ridge", Ridge2)));
        Assert.Equal("unchanged", job["results"]![1]!["outcome"]!.GetValue<string>());
        Assert.Equal(3, (await ReportAsync(tenant, job))["pairs"]!.AsArray().Count);

        await tenant.EnrolAsync(BatchBody.Of(("replaced", Bush)).Field("allow_identity_change", "true"));
        using var erased = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=erased");

        var left = Assert.Single((await ReportAsync(tenant, job))["pairs"]!.AsArray())!;
        Assert.Equal([(1, "confirmed"), (2, "ridge")], Sides(left));

        using var mine = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=ridge");
        Assert.Empty((await ReportAsync(tenant, job))["pairs"]!.AsArray());
    }

    [Fact]
    public async Task A_job_that_was_undone_or_enrolled_nobody_has_nothing_to_compare()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = await tenant.EnrolAsync(BatchBody.Of(("a", Powell1), ("b", Powell2)));
        using var undone = await tenant.Key.PostAsync($"{EventTests.Address(tenant, IdOf(job))}/undo", null);
        Assert.Empty((await ReportAsync(tenant, job))["pairs"]!.AsArray());

        var none = await tenant.EnrolAsync(BatchBody.Of(("c", Assets.Sample("nonface/rocket.jpg"))));
        Assert.Empty((await ReportAsync(tenant, none))["pairs"]!.AsArray());
    }

    [Fact]
    public async Task What_is_not_finished_a_dry_run_a_deleted_collection_and_a_limit_that_is_none_are_refused()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var open = await tenant.SubmitAsync(BatchBody.Of(("a", Powell1)));
        await GetAsync(tenant, open).RefusedAsync(HttpStatusCode.Conflict, "JOB_NOT_FINISHED");
        var dry = await tenant.SubmitAsync(BatchBody.Of(("a", Powell1), ("b", Powell2)).Field("dry_run", "true"));
        await host.WorkAsync();

        await GetAsync(tenant, dry).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        foreach (var limit in new[] { "0", "201", "x" }) await GetAsync(tenant, open, $"?limit={limit}").RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        Assert.Empty((await ReportAsync(tenant, open))["pairs"]!.AsArray());
        using var deleted = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}");
        await GetAsync(tenant, open).RefusedAsync(HttpStatusCode.NotFound, "COLLECTION_NOT_FOUND");
        await tenant.Key.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch/none/look-alikes").RefusedAsync(HttpStatusCode.NotFound, "BATCH_JOB_NOT_FOUND");
    }

    /// <summary>Against every pair that there is, worked out here from the vectors, in a collection of people who are all about equally unlike.</summary>
    [Fact]
    public async Task The_report_is_exact_however_many_there_are_and_says_when_there_are_more()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["duplicate_threshold"] = 0 });
        await ManyFaces.AddAsync(host, tenant.Organization, tenant.Collection, 600, perPerson: 2);
        var job = await tenant.EnrolAsync(BatchBody.Of(
            [
                ("a", Powell1), ("a", Ridge1), ("b", Powell2), ("c", Bush),
                .. Enumerable.Range(3, 9).Select(n => ($"powell {n}", Assets.Lfw("Colin_Powell", n))),
            ]).Field("allow_identity_change", "true").Field("multiple_faces", "largest").Field("min_quality", "0"));
        Assert.Equal(13, job["succeeded"]!.GetValue<int>()); // more than are looked for at once
        var expected = await PairsAsync(host, tenant, IdOf(job));

        foreach (var limit in new[] { 1, 7, 200 })
        {
            var report = await tenant.GetAsync($"{EventTests.Address(tenant, IdOf(job))}/look-alikes?limit={limit}");

            var told = report["pairs"]!.AsArray().Select(pair => pair!["cosine"]!.GetValue<double>()).ToList();
            Assert.Equal(limit, told.Count);
            Assert.All(expected.Zip(told), pair => Assert.Equal(pair.First, pair.Second, 0.00011)); // both are rounded
            Assert.True(report["truncated"]!.GetValue<bool>());
            Assert.Equal(613, report["searched"]!.GetValue<int>());
        }

        // Automatic goes by the size of the collection, as identification does.
        var automatic = await ReportAsync(tenant, job, null);
        Assert.Equal(ModelPack.Standard.Calibration.IdentifyThreshold(613), automatic["threshold"]!.GetValue<double>(), 0.0001);
    }

    /// <summary>The best cosine of each two people of whom one is of the job, highest first, as they are told.</summary>
    private static async Task<IReadOnlyList<double>> PairsAsync(TestHost host, Tenant tenant, string job)
    {
        var faces = (await host.Get<Database>().ReadAsync(
            tx => tx.Connection!.QueryAsync<(string ExternalId, string? JobId, byte[] Vector)>(
                "SELECT external_id, job_id, vector FROM face WHERE collection_id = @Collection AND state = 0", new { tenant.Collection }, tx),
            CancellationToken.None)).Select(face => (face.ExternalId, face.JobId, Vector: MemoryMarshal.Cast<byte, float>(face.Vector).ToArray())).ToList();
        var best = new Dictionary<(string, string), double>();
        foreach (var one in faces.Where(face => face.JobId == job))
        {
            foreach (var other in faces.Where(other => other.ExternalId != one.ExternalId))
            {
                var people = string.CompareOrdinal(one.ExternalId, other.ExternalId) < 0 ? (one.ExternalId, other.ExternalId) : (other.ExternalId, one.ExternalId);
                var cosine = one.Vector.Zip(other.Vector, (a, b) => (double)a * b).Sum();
                best[people] = Math.Max(cosine, best.GetValueOrDefault(people, -1));
            }
        }

        return [.. best.Values.OrderDescending().Select(cosine => Math.Round(cosine, 4))];
    }

    private static async Task<JsonObject> ReportAsync(Tenant tenant, JsonObject job, double? threshold)
    {
        using var changed = await tenant.Key.PatchAsync(
            $"/api/v1/collections/{tenant.Collection}", JsonBody(new JsonObject { ["settings"] = new JsonObject { ["duplicate_threshold"] = threshold } }.ToJsonString()));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        return await ReportAsync(tenant, job);
    }

    private static Task<JsonObject> ReportAsync(Tenant tenant, JsonObject job) => GetAsync(tenant, job).DataAsync();

    private static Task<HttpResponseMessage> GetAsync(Tenant tenant, JsonObject job, string query = "") =>
        tenant.Key.GetAsync($"{EventTests.Address(tenant, IdOf(job))}/look-alikes{query}");

    private static (int Index, string Id)[] Sides(JsonNode pair) =>
    [
        .. new[] { pair["first"]!, pair["second"]! }.Select(side => (side["index"]?.GetValue<int>() ?? -1, side["external_id"]!.GetValue<string>())),
    ];

    private static void AssertFalling(JsonObject report)
    {
        var similarities = report["pairs"]!.AsArray().Select(pair => pair!["similarity"]!.GetValue<double>()).ToList();
        Assert.Equal(similarities.OrderDescending(), similarities);
    }

    private static string IdOf(JsonObject job) => job["job_id"]!.GetValue<string>();

    private static string FaceOf(JsonObject job, int index) => job["results"]![index]!["face_id"]!.GetValue<string>();
}
