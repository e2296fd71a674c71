using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Faces.Models;
using Rollcall.Server.Collections;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Faces;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.Organizations;
using Rollcall.Server.Tests.Recognition;

namespace Rollcall.Server.Tests.Faces;

/// <summary>People who were erased and are not to be enrolled again (docs/adr/0020).</summary>
public sealed class SuppressionTests
{
    private const string Person = "somebody-who-stands-nowhere-else";

    [Fact]
    public async Task Who_is_erased_with_suppress_is_enrolled_by_nothing_until_it_is_lifted_and_only_a_mark_of_them_is_kept()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["keep_images"] = true });
        await tenant.EnrolAsync(BatchBody.Of((Person, Assets.Lfw("Colin_Powell", 1)), ("other", Assets.Lfw("Tom_Ridge"))));

        var receipt = await SuppressAsync(tenant, Person);

        Assert.Equal((true, 1), (receipt["suppressed"]!.GetValue<bool>(), receipt["faces"]!.GetValue<int>()));
        Assert.False(DataFiles.Contain(host.Data, Encoding.UTF8.GetBytes(Person)));
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM suppression"));
        Assert.Equal(1, await CountedAsync(tenant, ""));
        Assert.Equal((1, 0), (await CountedAsync(tenant, $"?external_id={Person}"), await CountedAsync(tenant, "?external_id=other")));

        // A job, a dry run, the batch that is waited for, a single enrolment.
        var body = BatchBody.Of((Person, Assets.Lfw("Colin_Powell", 2)), ("third", Assets.Lfw("Tony_Blair"))).Field("multiple_faces", "largest").Field("metadata[]", """{"secret": 1}""").Field("metadata[]", "{}");
        var job = await tenant.EnrolAsync(body);
        JobInvariants.Check(job);
        AssertSuppressed(job["results"]![0]!);
        Assert.Equal("enrolled", job["results"]![1]!["outcome"]!.GetValue<string>());
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM job_item WHERE error_code = 'SUPPRESSED' AND blob IS NULL AND metadata IS NULL AND image_sha256 = ''"));
        AssertSuppressed((await tenant.EnrolAsync(BatchBody.Of((Person, Assets.Lfw("Colin_Powell", 1))).Field("dry_run", "true")))["results"]![0]!);
        AssertSuppressed((await tenant.EnrolAsync(BatchBody.Of((Person, Assets.Sample("nonface/rocket.jpg")))))["results"]![0]!); // the picture is no matter
        AssertSuppressed((await tenant.EnrolAsync(new BatchBody().Image(Person, "GIF89a, and no picture"u8.ToArray()).Field("metadata[]", "{}")))["results"]![0]!); // refused as it came
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM job_item WHERE error_code = 'SUPPRESSED' AND (blob IS NOT NULL OR metadata IS NOT NULL OR image_sha256 <> '')"));
        await EnrolSinglyAsync(tenant, Person).RefusedAsync(HttpStatusCode.Conflict, "SUPPRESSED");
        await tenant.Key.PostAsync($"/api/v1/organizations/{tenant.Organization}/batch/{job["job_id"]}/retry", null).RefusedAsync(HttpStatusCode.Conflict, "NOTHING_TO_RETRY");
        Assert.Equal(0, await CountAsync(host, $"SELECT COUNT(*) FROM person WHERE external_id = '{Person}'"));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories).Length); // the kept ones of the two others

        Assert.Equal(HttpStatusCode.NoContent, await LiftAsync(tenant, Person));
        Assert.Equal(HttpStatusCode.NotFound, await LiftAsync(tenant, Person));
        Assert.Equal("enrolled", (await tenant.EnrolAsync(BatchBody.Of((Person, Assets.Lfw("Colin_Powell", 1)))))["results"]![0]!["outcome"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_picture_of_somebody_who_is_suppressed_is_not_looked_at()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        await SuppressAsync(tenant, Person);
        await tenant.SubmitAsync(BatchBody.Of((Person, Assets.Lfw("Colin_Powell", 1)), ("q", Assets.Lfw("Tom_Ridge"))));
        var items = (await host.Get<WorkQueue>().ClaimAsync("w", 9, handsFree: true, CancellationToken.None)).Items;

        foreach (var item in items)
        {
            var result = await host.Get<ItemProcessor>().ProcessAsync(item, CancellationToken.None);
            Assert.Equal(item.ExternalId == Person ? typeof(ItemResult.NotDecoded) : typeof(ItemResult.Embedded), result.GetType());
        }
    }

    [Fact]
    public async Task Whoever_is_being_enrolled_while_they_are_suppressed_is_not()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var open = (await tenant.SubmitAsync(BatchBody.Of((Person, Assets.Lfw("Colin_Powell", 1)))))["job_id"]!.GetValue<string>();
        var release = new TaskCompletionSource();
        var upload = tenant.PostAsync(BatchBody.Of((Person, Assets.Lfw("Colin_Powell", 2))), release.Task);
        var held = (await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items.Single();
        var result = (ItemResult.Embedded)await host.Get<ItemProcessor>().ProcessAsync(held, CancellationToken.None);
        var collection = await host.Get<CollectionStore>().FindAsync(tenant.Organization, tenant.Collection, CancellationToken.None);
        var single = await host.Get<SingleEnrolment>().AcceptAsync(
            tenant.Organization, collection!, new SingleRequest(Person, null, held.JobOptions), 1, "another", CancellationToken.None);

        var receipt = await SuppressAsync(tenant, Person);
        release.SetResult();
        using var accepted = await upload;
        var late = (await accepted.JsonAsync())["data"]!["job_id"]!.GetValue<string>();

        Assert.Equal(1, receipt["ended_items"]!.GetValue<int>());
        Assert.Equal([Completion.LeaseLost], await host.Get<WorkQueue>().CompleteAsync([new FinishedItem(held, result)], ModelPack.Standard.Calibration, CancellationToken.None));
        Assert.Equal("SUPPRESSED", Assert.IsType<Verdict.Failure>(await host.Get<SingleEnrolment>().ApplyAsync(single!, result, CancellationToken.None)).Code);
        Assert.Equal("ERASED", (await tenant.PollAsync(open))["results"]![0]!["error"]!["code"]!.GetValue<string>());

        // What was accepted later was worked on before somebody asked: the commit has the last word.
        var next = (await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items.Single();
        await host.Get<WorkQueue>().CompleteAsync([new FinishedItem(next, result)], ModelPack.Standard.Calibration, CancellationToken.None);
        AssertSuppressed((await tenant.PollAsync(late))["results"]![0]!);
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM face") + await CountAsync(host, "SELECT COUNT(*) FROM person"));
        Assert.Empty(Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Who_was_never_enrolled_can_be_suppressed_and_a_repeat_changes_nothing()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        for (var i = 0; i < 2; i++)
        {
            var receipt = await SuppressAsync(tenant, Person);
            Assert.Equal((true, 0, 0), (receipt["suppressed"]!.GetValue<bool>(), receipt["faces"]!.GetValue<int>(), receipt["ended_items"]!.GetValue<int>()));
        }

        Assert.Equal(1, await CountedAsync(tenant, ""));
        await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id={Person}").RefusedAsync(HttpStatusCode.NotFound, "FACE_NOT_FOUND");
        Assert.Equal(1, await CountedAsync(tenant, "")); // an erasure alone lifts nothing
        foreach (var query in new[] { "?external_id=p&suppress=yes", "?external_id=p&suppress=true&suppress=true", "?suppress=true", "?external_id=%01&suppress=true" })
            await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces{query}").RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        Assert.Equal(1, await CountedAsync(tenant, ""));
    }

    [Fact]
    public async Task It_is_of_one_collection_and_goes_with_it_and_two_lists_cannot_be_compared()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var second = await tenant.CreateCollectionAsync();
        await SuppressAsync(tenant, Person);
        using var there = await tenant.Key.DeleteAsync($"/api/v1/collections/{second}/faces?external_id={Person}&suppress=true");
        Assert.Equal(2, await CountAsync(host, "SELECT COUNT(DISTINCT mark) FROM suppression"));
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Person)));
        Assert.Equal(0, await CountAsync(host, $"SELECT COUNT(*) FROM suppression WHERE mark = '{hash}'"));

        using var deleted = await tenant.Key.DeleteAsync($"/api/v1/collections/{second}");

        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM suppression"));
        await EnrolSinglyAsync(tenant, Person).RefusedAsync(HttpStatusCode.Conflict, "SUPPRESSED");
        using var third = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/collections/{second}/suppressions");
        await tenant.Key.SendAsync(third).RefusedAsync(HttpStatusCode.NotFound, "COLLECTION_NOT_FOUND");
    }

    [Fact]
    public async Task Without_the_key_of_the_marks_the_server_does_not_start_for_nobody_would_be_kept_out()
    {
        using var folder = new TestFolder();
        await using (var host = await TestHost.StartAsync(data: folder.Path))
        {
            var tenant = await Tenant.CreateAsync(host.Address);
            await SuppressAsync(tenant, Person);
        }

        var key = Path.Combine(folder.Path, "secrets", Suppressions.KeyName);
        var kept = await File.ReadAllBytesAsync(key);
        File.Delete(key);

        var refused = await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(data: folder.Path));
        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(key));
        await File.WriteAllBytesAsync(key, new byte[64]);
        await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(data: folder.Path));

        await File.WriteAllBytesAsync(key, kept);
        await using var again = await TestHost.StartAsync(data: folder.Path);
    }

    private static async Task<JsonObject> SuppressAsync(Tenant tenant, string person) =>
        await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id={person}&suppress=true").DataAsync(HttpStatusCode.OK);

    private static async Task<HttpStatusCode> LiftAsync(Tenant tenant, string person)
    {
        using var answer = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/suppressions?external_id={person}");
        return answer.StatusCode;
    }

    private static async Task<int> CountedAsync(Tenant tenant, string query) =>
        (await tenant.GetAsync($"/api/v1/collections/{tenant.Collection}/suppressions{query}"))["count"]!.GetValue<int>();

    private static Task<HttpResponseMessage> EnrolSinglyAsync(Tenant tenant, string person) => tenant.Key.SendAsync(
        $"collections/{tenant.Collection}/faces", [("image", File.ReadAllBytes(Assets.Lfw("Colin_Powell", 1)))], ("external_id", person));

    private static void AssertSuppressed(JsonNode item)
    {
        Assert.Equal(("failed", "SUPPRESSED"), (item["outcome"]!.GetValue<string>(), item["error"]!["code"]!.GetValue<string>()));
        Assert.Equal(Person, item["external_id"]!.GetValue<string>());
        Assert.False(item.AsObject().ContainsKey("bounding_box") || item.AsObject().ContainsKey("quality_score"));
    }

    private static Task<long> CountAsync(TestHost host, string sql) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>(sql, null, tx), CancellationToken.None);
}
