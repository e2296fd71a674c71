using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Batches;
using Rollcall.Server.Faces;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Faces;

public sealed class KeptImageTests
{
    private static readonly string Powell1 = Assets.Lfw("Colin_Powell", 1);
    private static readonly string Powell2 = Assets.Lfw("Colin_Powell", 2);

    private static JsonObject Keeping => new() { ["keep_images"] = true };

    [Fact]
    public async Task The_photograph_of_an_enrolled_face_stays_until_the_face_goes_and_that_of_nothing_else_does()
    {
        using var data = new TestFolder();
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        Tenant tenant;
        await using (var host = await TestHost.StartAsync(time, data.Path, TestHost.WithoutSweeps))
        {
            tenant = await Tenant.CreateAsync(host.Address, Keeping);
            await tenant.EnrolAsync(BatchBody.Of(("p", Powell1), ("rocket", Assets.Sample("nonface/rocket.jpg"))));
            await tenant.EnrolAsync(BatchBody.Of(("p", Powell1))); // unchanged
            await tenant.EnrolAsync(BatchBody.Of(("p", Powell2)).Field("on_duplicate", "skip"));
            await tenant.EnrolAsync(BatchBody.Of(("p", Powell2)).Field("on_duplicate", "reject"));
            Assert.Equal(3, Blobs(host.Data).Length); // the face's, and those of the two failed items, for a retry
            Assert.Equal(new FileInfo(Powell1).Length, await CountAsync(host, "SELECT image_bytes FROM face"));

            time.Advance(TimeSpan.FromDays(7));
            await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);
            await host.Get<BatchRetention>().SweepAsync(DateTimeOffset.MaxValue, CancellationToken.None);
            AssertSame(Powell1, Assert.Single(Blobs(host.Data)));
        }

        await using var restarted = await TestHost.StartAsync(time, data.Path, TestHost.WithoutSweeps); // sweeps
        using var key = restarted.ClientWith("X-API-Key", tenant.ApiKey);
        AssertSame(Powell1, Assert.Single(Blobs(data.Path)));
        var face = (await (await key.GetAsync($"/api/v1/collections/{tenant.Collection}/faces")).JsonAsync())["data"]!["faces"]![0]!["face_id"]!;
        using var deleted = await key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces/{face}");
        Assert.Equal(1, (await deleted.JsonAsync())["data"]!["images"]!.GetValue<int>());
        Assert.Empty(Blobs(data.Path));
    }

    [Fact]
    public async Task Nothing_is_kept_unless_the_collection_says_so()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)));
        using var single = await EnrolAsync(tenant, "q", Assets.Lfw("Tom_Ridge"));

        Assert.Equal(HttpStatusCode.Created, single.StatusCode);
        Assert.Empty(Blobs(host.Data));
    }

    [Fact]
    public async Task A_single_enrolment_keeps_its_image_and_takes_that_of_what_it_replaces()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, Keeping);

        using var created = await EnrolAsync(tenant, "p", Powell1);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        AssertSame(Powell1, Assert.Single(Blobs(host.Data)));

        foreach (var (image, fields) in new (string, (string, string)[])[]
        {
            (Powell1, []), // unchanged
            (Powell2, []), // a duplicate
            (Assets.Lfw("Tom_Ridge"), [("on_duplicate", "replace")]), // somebody else
            (Powell2, [("on_duplicate", "replace"), ("min_quality", "1")]),
        })
        {
            using var nothing = await EnrolAsync(tenant, "p", image, fields);
            Assert.NotEqual(HttpStatusCode.Created, nothing.StatusCode);
            AssertSame(Powell1, Assert.Single(Blobs(host.Data)));
        }

        using var replaced = await EnrolAsync(tenant, "p", Powell2, ("on_duplicate", "replace"));
        Assert.Equal(HttpStatusCode.Created, replaced.StatusCode);
        AssertSame(Powell2, Assert.Single(Blobs(host.Data)));
    }

    [Fact]
    public async Task Kept_images_count_among_the_stored_bytes_and_one_beyond_the_quota_is_refused_and_leaves_nothing()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, Keeping);
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)));
        var kept = new FileInfo(Powell1).Length;
        Assert.Equal(kept, await CountAsync(host, "SELECT stored_bytes FROM organization"));
        await RunAsync(host, $"UPDATE organization SET stored_bytes_limit = {kept + 100}");

        using var refused = await EnrolAsync(tenant, "q", Assets.Lfw("Tom_Ridge"));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("QUOTA_EXCEEDED", await refused.ErrorCodeAsync());
        Assert.Single(Blobs(host.Data));
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM face"));

        await KeepAsync(tenant, "false"); // where nothing is kept nothing counts
        Assert.Equal(0, await CountAsync(host, "SELECT stored_bytes FROM organization"));
        using var taken = await EnrolAsync(tenant, "q", Assets.Lfw("Tom_Ridge"));
        Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
    }

    [Fact]
    public async Task A_batch_that_is_waited_for_keeps_them_as_well()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, Keeping);

        using var answer = await tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/faces/batch", BatchBody.Of(("p", Powell1), ("p", Powell2)).ToContent());

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(2, Blobs(host.Data).Length);
    }

    [Fact]
    public async Task Erasing_a_person_takes_every_image_of_theirs_and_says_how_many()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, Keeping);
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1), ("q", Assets.Lfw("Tom_Ridge"))));
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell2), ("p", Assets.Sample("nonface/rocket.jpg"))));

        using var answer = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=p");

        var receipt = (await answer.JsonAsync())["data"]!;
        Assert.Equal((1, 1, 2, 1), (Int("faces"), Int("superseded_faces"), Int("images"), Int("uploads")));
        AssertSame(Assets.Lfw("Tom_Ridge"), Assert.Single(Blobs(host.Data)));

        int Int(string name) => receipt[name]!.GetValue<int>();
    }

    [Fact]
    public async Task What_a_job_replaced_keeps_its_image_as_long_as_the_job_can_be_undone()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address, Keeping);
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)));
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell2)));
        Assert.Equal(2, Blobs(host.Data).Length);

        time.Advance(TimeSpan.FromDays(7));
        await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);

        AssertSame(Powell2, Assert.Single(Blobs(host.Data)));
    }

    [Fact]
    public async Task A_person_of_whom_only_replaced_references_are_left_goes_with_the_last_of_them()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address, Keeping);
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)));
        var face = (await tenant.EnrolAsync(BatchBody.Of(("p", Powell2))))["results"]![0]!["face_id"]!;
        using var deleted = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces/{face}");
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM person"));

        time.Advance(TimeSpan.FromDays(7));
        await host.Get<BatchRetention>().PurgeAsync(CancellationToken.None);

        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM person"));
        Assert.Empty(Blobs(host.Data));
    }

    [Fact]
    public async Task Deleting_the_collection_takes_them_and_counts_them()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, Keeping);
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1), ("rocket", Assets.Sample("nonface/rocket.jpg"))));

        using var answer = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}");

        Assert.Equal("""{"deleted":true,"faces":1,"persons":1,"jobs":0,"images":2}""", (await answer.JsonAsync())["data"]!.ToJsonString());
        Assert.Empty(Blobs(host.Data));
    }

    [Fact]
    public async Task Switched_off_means_that_none_is_there_when_the_answer_comes_and_later_jobs_keep_none()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address, Keeping);
        var other = await Tenant.CreateAsync(host.Address, Keeping);
        await tenant.SubmitAsync(BatchBody.Of(("p", Powell1)));
        await other.SubmitAsync(BatchBody.Of(("p", Powell1)));
        await host.WorkAsync();
        Assert.Equal(2, Blobs(host.Data).Length);
        await tenant.SubmitAsync(BatchBody.Of(("q", Assets.Lfw("Tom_Ridge")))); // accepted while it was on

        await KeepAsync(tenant, "false");

        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM face WHERE image IS NOT NULL"));
        Assert.Equal(2, Blobs(host.Data).Length); // the other tenant's, and the upload that waits
        Assert.Equal("p", (await tenant.IdentifyAsync(Powell2))["matches"]![0]!["external_id"]!.GetValue<string>());

        await host.WorkAsync(); // the job has the settings that it was accepted with; the sweep has those of now
        Assert.Equal(2, Blobs(host.Data).Length);
        await host.Get<FaceRetention>().SweepAsync(CancellationToken.None);
        await tenant.SubmitAsync(BatchBody.Of(("r", Assets.Lfw("Tom_Ridge", 2))));
        await host.WorkAsync();

        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM face WHERE image IS NOT NULL AND image_bytes > 0"));
        AssertSame(Powell1, Assert.Single(Blobs(host.Data)));
        Assert.Equal(4, await CountAsync(host, "SELECT COUNT(*) FROM face"));
    }

    [Fact]
    public async Task Switched_on_it_holds_for_what_is_accepted_from_then_on()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.SubmitAsync(BatchBody.Of(("p", Powell1)));

        await KeepAsync(tenant, "true");
        await tenant.SubmitAsync(BatchBody.Of(("q", Assets.Lfw("Tom_Ridge"))));
        await host.WorkAsync();

        AssertSame(Assets.Lfw("Tom_Ridge"), Assert.Single(Blobs(host.Data)));
        await KeepAsync(tenant, "null"); // back to the default
        Assert.Empty(Blobs(host.Data));
    }

    [Fact]
    public async Task A_row_that_could_not_be_written_leaves_an_image_that_the_sweep_takes_and_an_upload_that_its_item_owns()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address, Keeping);
        await tenant.SubmitAsync(BatchBody.Of(("p", Powell1)));
        await RunAsync(host, "CREATE TRIGGER refuse BEFORE INSERT ON face BEGIN SELECT RAISE(ABORT, 'no'); END");

        using var answer = await EnrolAsync(tenant, "q", Assets.Lfw("Tom_Ridge"));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(host.WorkAsync);
        await host.Get<BatchRetention>().SweepAsync(DateTimeOffset.MaxValue, CancellationToken.None);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        AssertSame(Powell1, Assert.Single(Blobs(host.Data)));
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM job_item WHERE blob IS NOT NULL"));
    }

    [Fact]
    public async Task The_image_is_owned_by_the_face_in_the_commit_that_makes_it()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address, Keeping);
        await tenant.SubmitAsync(BatchBody.Of(("p", Powell1), ("p", Powell1)));
        var upload = Blobs(host.Data).Order(StringComparer.Ordinal).First();

        await host.WorkAsync();

        // The first makes the face and its upload, the very file, is the face's now; the second's is gone.
        Assert.Equal(upload, Assert.Single(Blobs(host.Data)));
        Assert.EndsWith(await ScalarAsync<string>(host, "SELECT image FROM face"), upload, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM job_item WHERE blob IS NOT NULL"));
    }

    private static async Task KeepAsync(Tenant tenant, string value)
    {
        var body = new StringContent($$"""{"settings": {"keep_images": {{value}} } }""", Encoding.UTF8, "application/json");
        using var answer = await tenant.Key.PatchAsync($"/api/v1/collections/{tenant.Collection}", body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(value == "true", (await answer.JsonAsync())["data"]!["settings"]!["keep_images"]!.GetValue<bool>());
    }

    private static async Task<HttpResponseMessage> EnrolAsync(Tenant tenant, string externalId, string image, params (string Name, string Value)[] fields)
    {
        using var content = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(image)), "image", "face.jpg" } };
        foreach (var (name, value) in fields.Append(("external_id", externalId))) content.Add(new StringContent(value), name);
        return await tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/faces", content);
    }

    private static void AssertSame(string expected, string blob) => Assert.Equal(File.ReadAllBytes(expected), File.ReadAllBytes(blob));

    private static string[] Blobs(string data) => Directory.GetFiles(Path.Combine(data, "blobs"), "*", SearchOption.AllDirectories);

    private static Task RunAsync(TestHost host, string sql) =>
        host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, null, tx), CancellationToken.None);

    private static Task<long> CountAsync(TestHost host, string sql) => ScalarAsync<long>(host, sql);

    private static Task<T> ScalarAsync<T>(TestHost host, string sql) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<T>(sql, null, tx), CancellationToken.None)!;
}
