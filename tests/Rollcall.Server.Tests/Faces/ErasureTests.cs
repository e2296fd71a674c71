using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Faces;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.Recognition;

namespace Rollcall.Server.Tests.Faces;

public sealed class ErasureTests
{
    [Fact]
    public async Task Erasing_a_person_removes_references_superseded_ones_uploads_and_what_jobs_remember()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)), ("q", Assets.Lfw("Tom_Ridge"))).Field("metadata[]", """{"secret": 1}""").Field("metadata[]", "{}"));
        var job = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2)), ("p", Assets.Sample("nonface/rocket.jpg"))));
        await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1)); // the index knows p

        var receipt = await DeleteAsync(tenant, "?external_id=p");

        Assert.True(receipt["deleted"]!.GetValue<bool>());
        Assert.Equal((1, 1, 1), (Int(receipt, "faces"), Int(receipt, "superseded_faces"), Int(receipt, "uploads")));
        Assert.Empty(await tenant.FacesAsync("p"));
        Assert.Empty((await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1)))["matches"]!.AsArray());
        var all = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1), ("threshold", "0"), ("top_k", "10"));
        Assert.Equal("q", Assert.Single(all["matches"]!.AsArray())!["external_id"]!.GetValue<string>());
        Assert.Equal(1, all["searched"]!.GetValue<int>());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories));
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM face"));
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM person"));
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM job_item WHERE external_id = 'p' OR metadata LIKE '%secret%'"));
        var collection = await tenant.GetAsync($"/api/v1/collections/{tenant.Collection}");
        Assert.Equal((1, 1), (Int(collection, "face_count"), Int(collection, "person_count")));

        var results = (await tenant.PollAsync(job["job_id"]!.GetValue<string>()))["results"]!.AsArray();
        Assert.All(results, item => Assert.Null(item!["external_id"]));
        Assert.All(results, item => Assert.False(item!.AsObject().ContainsKey("bounding_box")));
    }

    [Fact]
    public async Task Open_items_of_the_person_end_with_erased_and_a_worker_that_holds_one_enrols_nobody()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var mixed = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)), ("q", Assets.Lfw("Tom_Ridge")))))["job_id"]!.GetValue<string>();
        var alone = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2)))))["job_id"]!.GetValue<string>();
        var held = (await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items.Single();
        var result = await host.Get<ItemProcessor>().ProcessAsync(held, CancellationToken.None);

        var receipt = await DeleteAsync(tenant, "?external_id=p");
        var answers = await host.Get<WorkQueue>().CompleteAsync(
            [new FinishedItem(held, result)], Rollcall.Faces.Models.ModelPack.Standard.Calibration, CancellationToken.None);

        Assert.Equal("p", held.ExternalId);
        Assert.Equal([Completion.LeaseLost], answers);
        Assert.Equal((0, 2), (Int(receipt, "faces"), Int(receipt, "ended_items")));
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM face"));
        var ended = await tenant.PollAsync(alone);
        Assert.Equal("done", ended["status"]!.GetValue<string>());
        Assert.Equal("ERASED", ended["results"]![0]!["error"]!["code"]!.GetValue<string>());
        var running = await tenant.PollAsync(mixed);
        JobInvariants.Check(running);
        Assert.Equal(1, Int(running, "processed"));
        Assert.Equal("q", Assert.Single((await host.Get<WorkQueue>().ClaimAsync("w", 9, handsFree: true, CancellationToken.None)).Items).ExternalId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_the_answer_comes_nothing_of_the_person_is_in_any_file_of_the_data_folder_and_a_search_finds_nobody(bool personAtOnce)
    {
        const string External = "somebody-with-a-name-that-stands-nowhere-else";
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["keep_images"] = true });
        await ManyFaces.AddAsync(host, tenant.Organization, tenant.Collection, 300); // pages with neighbours, which are rebuilt
        var job = await tenant.EnrolAsync(BatchBody.Of((External, Assets.Lfw("Colin_Powell", 1)), (External, Assets.Lfw("Colin_Powell", 2)))
            .Field("metadata[]", """{"secret": "a-secret-of-theirs"}""").Field("metadata[]", "{}"));
        await tenant.EnrolAsync(BatchBody.Of(("later", Assets.Lfw("Tom_Ridge"))));
        await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1));
        var vectors = await host.Get<Database>().ReadAsync(
            tx => tx.Connection!.QueryAsync<byte[]>("SELECT vector FROM face WHERE external_id = @External", new { External }, tx), CancellationToken.None);
        var image = await File.ReadAllBytesAsync(Assets.Lfw("Colin_Powell", 1));
        byte[][] traces = [.. vectors.Select(vector => vector[..64]), image[1000..1064], "a-secret-of-theirs"u8.ToArray()];
        if (personAtOnce) traces = [.. traces, System.Text.Encoding.UTF8.GetBytes(External)];
        Assert.All(traces, trace => Assert.True(DataFiles.Contain(host.Data, trace)));

        if (personAtOnce) await DeleteAsync(tenant, $"?external_id={External}");
        else foreach (var item in job["results"]!.AsArray()) await DeleteAsync(tenant, $"/{item!["face_id"]}");

        var found = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1), ("threshold", "0"), ("top_k", "100"), ("deduplicate", "false"));
        if (!personAtOnce) traces = [.. traces.SkipLast(1)]; // what the job knows stays where one reference after the other is deleted
        Assert.All(traces, trace => Assert.False(DataFiles.Contain(host.Data, trace)));
        Assert.Equal(301, Int(found, "searched"));
        Assert.DoesNotContain(found["matches"]!.AsArray(), match => match!["external_id"]!.GetValue<string>() == External);
    }

    [Fact]
    public async Task Who_reads_for_long_keeps_what_was_deleted_in_the_databases_log_and_it_is_emptied_once_they_are_done()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1))));
        var vector = await host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<byte[]>("SELECT vector FROM face", null, tx), CancellationToken.None);
        using var killed = new TestFolder();
        await using (var reader = new SqliteConnection($"Data Source={Path.Combine(host.Data, "rollcall.db")};Pooling=False"))
        {
            await reader.OpenAsync();
            await using var reading = reader.BeginTransaction(deferred: true);
            await reader.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM face", null, reading);

            await DeleteAsync(tenant, "?external_id=p");

            Assert.Empty(await tenant.FacesAsync("p"));
            Assert.True(host.Get<Database>().IsScrubDue);
            Assert.True(DataFiles.Contain(host.Data, vector![..64]));
            foreach (var file in Directory.GetFiles(host.Data, "rollcall.db*")) File.Copy(file, Path.Combine(killed.Path, Path.GetFileName(file))); // as a kill leaves it
        }

        time.Advance(TimeSpan.FromSeconds(10));
        await Eventually.TrueAsync(() => !DataFiles.Contain(host.Data, vector[..64]));

        Assert.True(DataFiles.Contain(killed.Path, vector[..64]));
        await using var next = await TestHost.StartAsync(data: killed.Path);
        Assert.False(DataFiles.Contain(killed.Path, vector[..64]));
    }

    [Theory]
    [InlineData("person")]
    [InlineData("collection")]
    [InlineData("organization")]
    [InlineData("retention")]
    public async Task An_image_that_cannot_be_removed_makes_it_503_and_keeps_the_databases_log_from_nothing(string erased)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["keep_images"] = true });
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1))));
        var vector = await host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<byte[]>("SELECT vector FROM face", null, tx), CancellationToken.None);
        var image = Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories).Single();
        File.Delete(image);
        Directory.CreateDirectory(image); // no file, so it cannot be deleted as one

        if (erased == "retention")
        {
            await host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync("UPDATE collection SET retention_days = 1", null, tx), CancellationToken.None);
            time.Advance(TimeSpan.FromDays(2));
            await Assert.ThrowsAsync<IOException>(() => host.Get<FaceRetention>().SweepAsync(CancellationToken.None));
        }
        else
        {
            await (erased switch
            {
                "person" => tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=p"),
                "collection" => tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}"),
                _ => tenant.Bearer.DeleteAsync($"/api/v1/organizations/{tenant.Organization}?confirm=Example"),
            }).RefusedAsync(HttpStatusCode.ServiceUnavailable, "SERVICE_BUSY");
        }

        Assert.False(host.Get<Database>().IsScrubDue);
        Assert.False(DataFiles.Contain(host.Data, vector![..64]));
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM face"));
    }

    [Fact]
    public async Task A_person_is_named_by_exact_code_points()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["multiple_faces"] = "largest" });
        string[] people = ["p", "P", "p ", " p", "é", "e\u0301", "ﬁ", "fi", "ß", "ss", "%", "_", "p,p", "\ud83d\ude00"];
        var body = new BatchBody();
        var image = await File.ReadAllBytesAsync(Assets.Lfw("Colin_Powell"));
        foreach (var person in people) body.Image(person, image);
        var job = await tenant.EnrolAsync(body);
        Assert.All(job["results"]!.AsArray(), item => Assert.Equal("enrolled", item!["outcome"]!.GetValue<string>()));

        foreach (var (person, i) in people.Select((person, i) => (person, i)))
        {
            var face = Assert.Single(await tenant.FacesAsync(person))!;
            Assert.Equal((person, i), (face["external_id"]!.GetValue<string>(), face["index"]!.GetValue<int>()));
        }

        foreach (var stranger in new[] { "", "pp", "E\u0301", "FI", "p%", "p\t" }) Assert.Empty(await tenant.FacesAsync(stranger));
        await DeleteAsync(tenant, "?external_id=e%CC%81");
        Assert.Equal((13, 13), await CountsAsync(tenant));
        Assert.Single(await tenant.FacesAsync("é"));

        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete })
        {
            using var several = await tenant.Key.SendAsync(new(method, $"/api/v1/collections/{tenant.Collection}/faces?external_id=p&external_id=p"));
            Assert.Equal(HttpStatusCode.BadRequest, several.StatusCode);
        }

        Assert.Single(await tenant.FacesAsync("p,p"));
    }

    [Fact]
    public async Task What_was_open_in_a_job_that_failed_is_forgotten_and_the_job_stays_as_it_ended()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var body = BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)), ("q", Assets.Lfw("Tom_Ridge"))).Field("metadata[]", """{"secret": 1}""").Field("metadata[]", "{}");
        var job = (await tenant.SubmitAsync(body))["job_id"]!.GetValue<string>();
        Assert.True(await host.Get<WorkQueue>().FailJobAsync(job, "MODEL_MISMATCH", "Another pack.", CancellationToken.None));
        var expires = await CountAsync(host, "SELECT expires_at FROM job");
        time.Advance(TimeSpan.FromSeconds(1));

        var receipt = await DeleteAsync(tenant, "?external_id=p");

        Assert.Equal((0, 1), (Int(receipt, "ended_items"), Int(receipt, "uploads")));
        Assert.Equal(2, await CountAsync(host, "SELECT COUNT(*) FROM job_item WHERE state = 0"));
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM job_item WHERE external_id = '' AND metadata IS NULL AND blob IS NULL"));
        var after = await tenant.PollAsync(job);
        Assert.Equal(("failed", 0), (after["status"]!.GetValue<string>(), Int(after, "processed")));
        Assert.Equal("MODEL_MISMATCH", after["error"]!["code"]!.GetValue<string>());
        Assert.Equal(expires, await CountAsync(host, "SELECT expires_at FROM job"));
        Assert.Equal(new FileInfo(Assets.Lfw("Tom_Ridge")).Length, await CountAsync(host, "SELECT SUM(stored_bytes) FROM organization"));

        time.Advance(TimeSpan.FromDays(7));
        await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM job"));
        Assert.Equal(0, await CountAsync(host, "SELECT SUM(stored_bytes) FROM organization"));
    }

    [Fact]
    public async Task A_person_with_more_items_and_references_than_a_statement_has_variables_is_erased()
    {
        const int Jobs = 330; // of a hundred items each: SQLite takes 32,766 variables
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        await ManyFaces.AddAsync(host, tenant.Organization, tenant.Collection, Jobs * 100, perPerson: Jobs * 100);
        await tenant.SubmitAsync(BatchBody.Of(("many-000000", Assets.Lfw("Colin_Powell", 1))));
        await host.Get<Database>().WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @Jobs)
                INSERT INTO job (id, organization_id, collection_id, accept_seq, options, status, total, created_at)
                SELECT 'job_' || i, organization_id, collection_id, accept_seq + i, options, status, 100, created_at FROM job, n;
                WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99)
                INSERT INTO job_item (id, job_id, item_index, external_id, blob_bytes, image_sha256)
                SELECT job.id || '-' || i, job.id, i, external_id, blob_bytes, image_sha256 FROM job_item, job, n WHERE job.total = 100;
                """,
                new { Jobs },
                tx),
            CancellationToken.None);

        var receipt = await DeleteAsync(tenant, "?external_id=many-000000");

        Assert.Equal(((Jobs * 100) + 1, Jobs * 100, 1), (Int(receipt, "ended_items"), Int(receipt, "faces"), Int(receipt, "uploads")));
        Assert.Equal(Jobs + 1, await CountAsync(host, "SELECT COUNT(*) FROM job WHERE status = 'done' AND failed = total"));
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM face") + await CountAsync(host, "SELECT COUNT(*) FROM job_item WHERE external_id <> ''"));
        Assert.Equal((0, 0), await CountsAsync(tenant));
        Assert.Equal(Jobs * 100, await CountAsync(host, "SELECT COUNT(DISTINCT change_seq) FROM face_tombstone"));
    }

    [Fact]
    public async Task One_face_goes_and_the_persons_other_one_stays()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)), ("p", Assets.Lfw("Colin_Powell", 2))));
        var (first, second) = (job["results"]![0]!["face_id"]!.GetValue<string>(), job["results"]![1]!["face_id"]!.GetValue<string>());
        await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1));

        await DeleteAsync(tenant, $"/{first}");

        Assert.Equal(second, Assert.Single(await tenant.FacesAsync("p"))!["face_id"]!.GetValue<string>());
        var left = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 1), ("threshold", "0"), ("top_k", "10"), ("deduplicate", "false"));
        Assert.Equal(second, Assert.Single(left["matches"]!.AsArray())!["face_id"]!.GetValue<string>());
        Assert.Equal((1, 1), await CountsAsync(tenant));
        await DeleteAsync(tenant, $"/{second}");
        Assert.Equal((0, 0), await CountsAsync(tenant));
        Assert.Equal("enrolled", (await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)))))["results"]![0]!["outcome"]!.GetValue<string>());
        Assert.Equal((1, 1), await CountsAsync(tenant));
    }

    [Fact]
    public async Task An_index_that_slept_through_a_deletion_and_its_tombstone_begins_anew()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)), ("q", Assets.Lfw("Tom_Ridge"))));
        var asleep = ActivatorUtilities.CreateInstance<IndexFeed>(host.Get<IServiceProvider>()); // as in another process
        Assert.Equal(2, (await asleep.LevelAsync(tenant.Collection, CancellationToken.None)).Count);

        await DeleteAsync(tenant, "?external_id=p");
        time.Advance(TimeSpan.FromDays(7));
        await host.Get<TombstoneRetention>().PurgeAsync(CancellationToken.None);

        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM face_tombstone"));
        Assert.Equal(1, (await asleep.LevelAsync(tenant.Collection, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task An_index_of_more_than_a_page_is_built_though_removals_from_behind_it_are_purged()
    {
        const int many = 5_500; // an index is read 5,000 changes at a time
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        await ManyFaces.AddAsync(host, tenant.Organization, tenant.Collection, many);
        await DeleteAsync(tenant, "?external_id=many-000007");
        time.Advance(TimeSpan.FromDays(7));
        await host.Get<TombstoneRetention>().PurgeAsync(CancellationToken.None);

        var begun = ActivatorUtilities.CreateInstance<IndexFeed>(host.Get<IServiceProvider>()); // as after a restart
        var index = await Task.Run(() => begun.LevelAsync(tenant.Collection, CancellationToken.None)).WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);

        Assert.Equal(many - 1, index.Count);
    }

    [Fact]
    public async Task What_is_not_there_is_404_for_a_person_a_face_and_another_tenants()
    {
        await using var host = await TestHost.StartAsync();
        var (one, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        var job = await other.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))));
        var face = job["results"]![0]!["face_id"]!.GetValue<string>();

        foreach (var path in new[]
        {
            $"{one.Collection}/faces?external_id=p", $"{one.Collection}/faces/{face}",
            $"{other.Collection}/faces?external_id=p", $"{other.Collection}/faces/{face}", $"{one.Collection}/faces/face_0",
        })
        {
            using var answer = await one.Key.DeleteAsync($"/api/v1/collections/{path}");
            Assert.True(answer.StatusCode == HttpStatusCode.NotFound, path);
        }

        using var nobody = await one.Key.DeleteAsync($"/api/v1/collections/{one.Collection}/faces");
        Assert.Equal(HttpStatusCode.BadRequest, nobody.StatusCode);
        Assert.Single(await other.FacesAsync("p"));
    }

    [Fact]
    public async Task A_faces_metadata_can_be_replaced_and_removed()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))).Field("metadata[]", """{"a": 1}"""));
        var path = $"/api/v1/collections/{tenant.Collection}/faces/{job["results"]![0]!["face_id"]}";

        using var changed = await tenant.Key.PatchAsJsonAsync(path, new JsonObject { ["metadata"] = new JsonObject { ["b"] = 2 } });
        Assert.Equal("""{"b":2}""", (await changed.JsonAsync())["data"]!["metadata"]!.ToJsonString());
        using var removed = await tenant.Key.PatchAsJsonAsync(path, new JsonObject { ["metadata"] = null });
        Assert.Null((await removed.JsonAsync())["data"]!["metadata"]);

        foreach (var body in new[] { """{"metadata": [1]}""", """{}""", """{"external_id": "q"}""" })
        {
            using var refused = await tenant.Key.PatchAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }

        using var unknown = await tenant.Key.PatchAsJsonAsync(path + "0", new JsonObject { ["metadata"] = null });
        Assert.Equal("FACE_NOT_FOUND", await unknown.ErrorCodeAsync());
    }

    private static async Task<JsonObject> DeleteAsync(Tenant tenant, string what)
    {
        using var answer = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces{what}");
        var body = await answer.JsonAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body.ToJsonString());
        return body["data"]!.AsObject();
    }

    private static async Task<(int Faces, int Persons)> CountsAsync(Tenant tenant)
    {
        var collection = await tenant.GetAsync($"/api/v1/collections/{tenant.Collection}");
        return (Int(collection, "face_count"), Int(collection, "person_count"));
    }

    private static int Int(JsonObject json, string name) => json[name]!.GetValue<int>();

    private static Task<long> CountAsync(TestHost host, string sql) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>(sql, null, tx), CancellationToken.None);
}
