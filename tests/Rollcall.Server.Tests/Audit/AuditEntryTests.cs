using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Batches;
using Rollcall.Server.Faces;
using Rollcall.Server.Tests.OpenApi;
using Rollcall.Server.Tests.Organizations;
using Rollcall.Server.Tests.Recognition;
using static Rollcall.Server.Tests.OpenApi.Calls;

namespace Rollcall.Server.Tests.Audit;

/// <summary>What is recorded of faces, jobs and collections, and that nothing is recorded that did not happen.</summary>
public sealed class AuditEntryTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private static readonly string Powell = Assets.Lfw("Colin_Powell");

    private TestHost Host => shared.Host;

    [Fact]
    public async Task Each_face_that_a_job_enrols_is_an_entry_of_whoever_submitted_it_and_is_found_by_the_person()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        tenant.Key.DefaultRequestHeaders.Add("X-Request-Id", "submit-7");
        var job = await tenant.EnrolAsync(BatchBody.Of(("anna", Powell), ("bert", Assets.Lfw("Tom_Ridge")), ("nobody", Assets.Sample("nonface/rocket.jpg"))));

        var entries = await tenant.AuditAsync("&action=face.enrolled");
        Assert.Equal(2, entries.Count);
        var anna = Assert.Single(await tenant.AuditAsync("&external_id=anna"));
        var face = (await tenant.FacesAsync("anna"))[0]!["face_id"]!.GetValue<string>();
        Assert.Equal(face, anna["target"]!["id"]!.GetValue<string>());
        Assert.Equal(("key", tenant.ApiKey[..14]), (anna["actor"]!["kind"]!.GetValue<string>(), anna["actor"]!["label"]!.GetValue<string>()));
        Assert.Equal(("127.0.0.1", "submit-7", tenant.Collection), (anna["address"]!.GetValue<string>(), anna["request_id"]!.GetValue<string>(), anna["collection_id"]!.GetValue<string>()));
        Assert.Equal($$"""{"superseded":0,"job_id":"{{job["job_id"]}}","index":0}""", anna["details"]!.ToJsonString());

        var submitted = await tenant.EntryAsync("batch.submitted");
        Assert.Equal(3, submitted["details"]!["items"]!.GetValue<int>());
        Assert.Equal(anna["actor"]!.ToJsonString(), submitted["actor"]!.ToJsonString());
        Assert.Empty(await tenant.AuditAsync("&external_id=nobody"));

        // The same again, and what is only tried out, changes nobody.
        await tenant.EnrolAsync(BatchBody.Of(("anna", Powell)));
        await tenant.EnrolAsync(BatchBody.Of(("carl", Powell)).Field("dry_run", "true"));
        Assert.Single(await tenant.AuditAsync("&external_id=anna"));
        Assert.Empty(await tenant.AuditAsync("&external_id=carl"));
        Assert.True((await tenant.AuditAsync("&action=batch.submitted"))[0]["details"]!["dry_run"]!.GetValue<bool>());
    }

    [Fact]
    public async Task What_gives_way_to_a_new_face_is_counted_also_when_it_gives_way_to_one_that_stood_already()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        await tenant.EnrolAsync(BatchBody.Of(("anna", Powell), ("anna", Assets.Lfw("Colin_Powell", 2))));

        await tenant.EnrolAsync(BatchBody.Of(("anna", Assets.Lfw("Colin_Powell", 3))));
        Assert.Equal(2, (await tenant.EntryAsync("face.replaced"))["details"]!["superseded"]!.GetValue<int>());
        await tenant.EnrolAsync(BatchBody.Of(("anna", Powell)).Field("on_duplicate", "append"));
        await tenant.EnrolAsync(BatchBody.Of(("anna", Powell))); // the same file, and the other gives way

        var confirmed = await tenant.EntryAsync("face.confirmed");
        Assert.Equal(1, confirmed["details"]!["superseded"]!.GetValue<int>());
        Assert.Equal(["face.confirmed", "face.enrolled", "face.replaced", "face.enrolled", "face.enrolled"], await tenant.ActionsAsync("&external_id=anna"));
    }

    [Fact]
    public async Task A_job_that_is_retried_cancelled_undone_or_deleted_is_so_by_whoever_asked_once()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        await tenant.EnrolAsync(BatchBody.Of(("anna", Powell)));
        var second = await tenant.EnrolAsync(BatchBody.Of(("anna", Assets.Lfw("Colin_Powell", 2)), ("group", Assets.Sample("group/bald_guys.jpg"))));
        var id = second["job_id"]!.GetValue<string>();

        using var retried = await tenant.Bearer.PostAsync($"{lab.InOrganization}/batch/{id}/retry", JsonBody("""{"multiple_faces": "largest"}"""));
        var again = (await retried.JsonAsync())["data"]!["job_id"]!.GetValue<string>();
        await tenant.EndOfAsync(again);
        foreach (var _ in new[] { 1, 2 })
        {
            await tenant.Key.PostAsync($"{lab.InOrganization}/batch/{id}/cancel", null).DataAsync(HttpStatusCode.OK); // there is nothing to cancel
            await tenant.Key.PostAsync($"{lab.InOrganization}/batch/{id}/undo", null).DataAsync(HttpStatusCode.OK);
        }

        using var deleted = await tenant.Key.DeleteAsync($"{lab.InOrganization}/batch/{id}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);

        var retry = await tenant.EntryAsync("batch.retried");
        Assert.Equal((again, id), (retry["target"]!["id"]!.GetValue<string>(), retry["details"]!["parent_job_id"]!.GetValue<string>()));
        var group = Assert.Single(await tenant.AuditAsync("&external_id=group"));
        Assert.Equal(("user", retry["actor"]!["id"]!.GetValue<string>()), (group["actor"]!["kind"]!.GetValue<string>(), group["actor"]!["id"]!.GetValue<string>()));
        Assert.Equal("""{"restored":1,"removed":1,"left":0}""", (await tenant.EntryAsync("batch.undone"))["details"]!.ToJsonString());
        Assert.Equal(["face.restored", "face.deleted", "face.replaced", "face.enrolled"], await tenant.ActionsAsync("&external_id=anna"));
        Assert.Equal(id, (await tenant.EntryAsync("batch.deleted"))["target"]!["id"]!.GetValue<string>());
        Assert.Empty(await tenant.AuditAsync("&action=batch.cancelled"));
    }

    [Fact]
    public async Task A_cancellation_is_recorded_once()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("anna", Powell), ("bert", Powell))))["job_id"]!.GetValue<string>();

        foreach (var _ in new[] { 1, 2 }) await tenant.Key.PostAsync($"/api/v1/organizations/{tenant.Organization}/batch/{job}/cancel", null).DataAsync(HttpStatusCode.OK);

        var entry = await tenant.EntryAsync("batch.cancelled");
        Assert.Equal((job, 2), (entry["target"]!["id"]!.GetValue<string>(), entry["details"]!["items"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_face_enrolled_singly_changed_and_deleted_and_a_person_erased_are_found_by_the_person_after_all_else_is_gone()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var faces = $"collections/{tenant.Collection}/faces";
        async Task<string> EnrolAsync(string photograph, params (string, string)[] more)
        {
            using var made = await tenant.Key.SendAsync(faces, [("image", await File.ReadAllBytesAsync(photograph))], [("external_id", "anna"), .. more]);
            return (await made.JsonAsync())["data"]!["face_id"]!.GetValue<string>();
        }

        await EnrolAsync(Powell);
        await EnrolAsync(Powell); // unchanged
        var second = await EnrolAsync(Assets.Lfw("Colin_Powell", 2), ("on_duplicate", "append"));
        await tenant.Key.PatchAsync($"/api/v1/{faces}/{second}", JsonBody("""{"metadata": {"floor": 7}}""")).DataAsync(HttpStatusCode.OK);
        await tenant.Key.DeleteAsync($"/api/v1/{faces}/{second}").DataAsync(HttpStatusCode.OK);
        await tenant.Key.DeleteAsync($"/api/v1/{faces}?external_id=anna").DataAsync(HttpStatusCode.OK);
        await tenant.Key.DeleteAsync($"/api/v1/{faces}?external_id=anna").RefusedAsync(HttpStatusCode.NotFound, "FACE_NOT_FOUND");

        Assert.Equal(["person.erased", "face.deleted", "face.changed", "face.enrolled", "face.enrolled"], await tenant.ActionsAsync("&external_id=anna"));
        Assert.Equal(["face.deleted", "face.changed", "face.enrolled"], await tenant.ActionsAsync($"&target={second}"));
        var erased = await tenant.EntryAsync("person.erased");
        Assert.Null(erased["target"]);
        Assert.Equal("""{"faces":1,"superseded_faces":0,"uploads":0,"ended_items":0,"suppressed":false}""", erased["details"]!.ToJsonString());
        var log = await tenant.Bearer.GetStringAsync(tenant.AuditLog("/export"));
        foreach (var personal in new[] { "anna", "floor", "staff", "example.com" }) Assert.DoesNotContain(personal, log, StringComparison.Ordinal);
        Assert.True((await tenant.VerifyAsync())["valid"]!.GetValue<bool>()); // nothing had to be taken out of it

        // Another organization has another mark for the same person.
        await using var elsewhere = await Lab.CreateAsync(Host);
        await elsewhere.Tenant.EnrolAsync(BatchBody.Of(("anna", Powell)));
        Assert.NotEqual(erased["person"]!.GetValue<string>(), (await elsewhere.Tenant.EntryAsync("face.enrolled"))["person"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_becomes_of_a_collection_is_recorded_with_the_settings_that_changed_and_no_text()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        await tenant.EnrolAsync(BatchBody.Of(("anna", Powell)));
        foreach (var body in new[] { """{"name": "visitors", "settings": {"keep_images": true, "identity_guard": 0.1, "min_quality": 0.4}}""", "{}", """{"name": "visitors"}""" })
            await tenant.Key.PatchAsync(lab.InCollection, JsonBody(body)).DataAsync(HttpStatusCode.OK);
        await tenant.Key.DeleteAsync(lab.InCollection).DataAsync(HttpStatusCode.OK);

        Assert.Equal("""{"texts":["name"],"settings":{"identity_guard":0.1,"keep_images":true}}""", (await tenant.EntryAsync("collection.changed"))["details"]!.ToJsonString());
        Assert.Equal("""{"faces":1,"persons":1,"jobs":0,"images":0}""", (await tenant.EntryAsync("collection.deleted"))["details"]!.ToJsonString());
        Assert.Equal(["collection.deleted", "collection.changed", "collection.created"], await tenant.ActionsAsync($"&target={tenant.Collection}"));
    }

    [Fact]
    public async Task What_the_server_does_by_itself_is_its_own_act()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address, new JsonObject { ["retention_days"] = 30 });
        using (var enrolled = await tenant.Key.SendAsync($"collections/{tenant.Collection}/faces", [("image", await File.ReadAllBytesAsync(Powell))], ("external_id", "anna")))
            Assert.Equal(HttpStatusCode.Created, enrolled.StatusCode);
        var job = (await tenant.EnrolAsync(BatchBody.Of(("bert", Assets.Sample("nonface/rocket.jpg")))))["job_id"]!.GetValue<string>();

        time.Advance(TimeSpan.FromDays(31));
        await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);
        await host.Get<FaceRetention>().SweepAsync(CancellationToken.None);

        var entries = await host.ExportAsync(tenant);
        var (expired, gone) = (entries[^2], entries[^1]);
        Assert.Equal(("batch.expired", job), (expired["action"]!.GetValue<string>(), expired["target"]!["id"]!.GetValue<string>()));
        Assert.Equal("face.expired", gone["action"]!.GetValue<string>());
        Assert.Equal(entries.Single(entry => entry["action"]!.GetValue<string>() == "face.enrolled")["person"]!.GetValue<string>(), gone["person"]!.GetValue<string>());
        Assert.All([expired, gone], entry => Assert.Equal(("""{"kind":"system","id":null,"label":null}""", null, null), (entry["actor"]!.ToJsonString(), entry["address"], entry["request_id"])));
    }

    [Fact]
    public async Task Nothing_is_recorded_that_did_not_commit_and_nothing_commits_that_is_not_recorded()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var before = await tenant.AuditAsync();

        // Refused, and with a fault in the middle.
        await tenant.Key.PostAsync("/api/v1/collections", JsonBody("""{"name": ""}""")).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await host.ExecuteAsync("CREATE TRIGGER broken AFTER INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'no'); END");
        using var created = await tenant.Key.PostAsync("/api/v1/collections", JsonBody("""{"name": "x"}"""));
        using var key = await tenant.Bearer.PostAsync($"/api/v1/organizations/{tenant.Organization}/api-keys", JsonBody("""{"name": "x", "scopes": ["batch"]}"""));
        using var found = await tenant.Key.SendAsync($"collections/{tenant.Collection}/identify", [("image", await File.ReadAllBytesAsync(Powell))]);
        Assert.All([created, key, found], answer => Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode));
        await host.ExecuteAsync("DROP TRIGGER broken");

        Assert.Equal(before.Select(entry => entry.ToJsonString()), (await tenant.AuditAsync()).Select(entry => entry.ToJsonString()));
        Assert.Equal(1, await host.ScalarAsync<long>("SELECT COUNT(*) FROM collection"));
        Assert.Equal(1, await host.ScalarAsync<long>("SELECT COUNT(*) FROM api_key"));
    }
}
