using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Faces;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Faces;

public sealed class FaceRetentionTests
{
    private static readonly string Powell1 = Assets.Lfw("Colin_Powell", 1);
    private static readonly string Powell2 = Assets.Lfw("Colin_Powell", 2);
    private static readonly string Ridge = Assets.Lfw("Tom_Ridge");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));

    [Fact]
    public async Task A_reference_older_than_the_setting_is_erased_with_all_that_is_left_of_its_person()
    {
        await using var host = await TestHost.StartAsync(_time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address, Days(3, keepImages: true));
        var other = await Tenant.CreateAsync(host.Address); // never
        await other.EnrolAsync(BatchBody.Of(("p", Powell1)));
        var job = (await tenant.EnrolAsync(BatchBody.Of(("p", Powell1), ("q", Ridge)).Field("metadata[]", """{"secret": 1}""").Field("metadata[]", "{}")))["job_id"]!.GetValue<string>();
        _time.Advance(TimeSpan.FromDays(1));
        await tenant.EnrolAsync(BatchBody.Of(("q", Assets.Lfw("Tom_Ridge", 2))).Field("on_duplicate", "append"));
        await tenant.IdentifyAsync(Powell2); // the index knows them
        var asleep = ActivatorUtilities.CreateInstance<IndexFeed>(host.Get<IServiceProvider>()); // as in another process
        Assert.Equal(3, (await asleep.LevelAsync(tenant.Collection, CancellationToken.None)).Count);

        _time.Advance(TimeSpan.FromDays(2)); // to the moment: not older yet
        await SweepAsync(host);
        Assert.Equal((3, 2), await CountsAsync(tenant));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await SweepAsync(host);

        Assert.Equal((1, 1), await CountsAsync(tenant)); // q's second one
        Assert.Empty(await tenant.FacesAsync("p"));
        Assert.Empty((await tenant.IdentifyAsync(Powell2))["matches"]!.AsArray());
        Assert.Equal(1, (await tenant.IdentifyAsync(Powell2))["searched"]!.GetValue<int>());
        Assert.Equal(1, (await asleep.LevelAsync(tenant.Collection, CancellationToken.None)).Count);
        Assert.Equal(2, await CountAsync(host, "SELECT COUNT(*) FROM face"));
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM person WHERE external_id = 'p'")); // the other tenant's
        Assert.Equal(0, await CountAsync(host, "SELECT COUNT(*) FROM job_item WHERE metadata LIKE '%secret%'"));
        Assert.Single(Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories)); // q's second one's
        var results = (await tenant.PollAsync(job))["results"]!.AsArray();
        Assert.Null(results[0]!["external_id"]);
        Assert.False(results[0]!.AsObject().ContainsKey("bounding_box"));
        Assert.Equal("q", results[1]!["external_id"]!.GetValue<string>()); // who still has a reference
        Assert.Single(await other.FacesAsync("p"));
    }

    [Fact]
    public async Task Replaced_references_go_by_their_age_too()
    {
        await using var host = await TestHost.StartAsync(_time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address, Days(3));
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)));
        _time.Advance(TimeSpan.FromDays(2));
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell2)));
        Assert.Equal(2, await CountAsync(host, "SELECT COUNT(*) FROM face"));

        _time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMilliseconds(1)); // the job that could be undone lives on
        await SweepAsync(host);

        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM face"));
        Assert.Single(await tenant.FacesAsync("p"));
        Assert.Equal((1, 1), await CountsAsync(tenant));
    }

    [Fact]
    public async Task The_very_same_image_sent_again_does_not_make_a_reference_younger()
    {
        await using var host = await TestHost.StartAsync(_time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address, Days(3));
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal("unchanged", Outcome(await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)))));

        _time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMilliseconds(1));
        await SweepAsync(host);

        Assert.Empty(await tenant.FacesAsync("p"));
        Assert.Equal("enrolled", Outcome(await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)))));
    }

    [Fact]
    public async Task It_is_applied_once_an_hour_and_a_shorter_setting_at_the_next_turn()
    {
        await using var host = await TestHost.StartAsync(_time);
        var tenant = await Tenant.CreateAsync(host.Address, Days(36_500));
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal((1, 1), await CountsAsync(tenant));

        using var changed = await ChangeAsync(tenant, "1");
        Assert.Equal(1, (await changed.JsonAsync())["data"]!["settings"]!["retention_days"]!.GetValue<int>());
        _time.Advance(TimeSpan.FromHours(1));

        await Eventually.TrueAsync(async () => await CountsAsync(tenant) == (0, 0));
    }

    [Fact]
    public async Task A_reader_that_is_in_the_way_of_emptying_the_log_puts_it_off_to_the_next_turn()
    {
        await using var host = await TestHost.StartAsync(_time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address, Days(1));
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)));
        var log = new FileInfo(Path.Combine(host.Data, "rollcall.db-wal"));

        await host.Get<Database>().ReadAsync(
            async tx =>
            {
                await tx.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM face", null, tx); // its snapshot is from before
                using var erased = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=p");
                Assert.Equal(HttpStatusCode.OK, erased.StatusCode);
                log.Refresh();
                Assert.NotEqual(0, log.Length);
                return true;
            },
            CancellationToken.None);
        Assert.True(host.Get<Database>().IsScrubDue);

        await SweepAsync(host);

        log.Refresh();
        Assert.True(!log.Exists || log.Length == 0); // whoever closes the last connection takes the file along
        Assert.False(host.Get<Database>().IsScrubDue);
    }

    [Fact]
    public async Task Null_is_never_again()
    {
        await using var host = await TestHost.StartAsync(_time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address, Days(1));
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)));

        using var changed = await ChangeAsync(tenant, "null");
        _time.Advance(TimeSpan.FromDays(40));
        await SweepAsync(host);

        Assert.Equal((1, 1), await CountsAsync(tenant));
    }

    [Fact]
    public async Task It_is_applied_at_the_start()
    {
        using var data = new TestFolder();
        await using (var host = await TestHost.StartAsync(_time, data.Path))
        {
            var tenant = await Tenant.CreateAsync(host.Address, Days(1));
            await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)));
        }

        _time.Advance(TimeSpan.FromDays(2));
        await using var restarted = await TestHost.StartAsync(_time, data.Path);

        Assert.Equal(0, await CountAsync(restarted, "SELECT COUNT(*) FROM face"));
        Assert.Equal(0, await CountAsync(restarted, "SELECT COUNT(*) FROM person"));
    }

    [Fact]
    public async Task An_item_that_waits_and_an_upload_that_can_be_retried_keep_what_jobs_know_of_the_person()
    {
        await using var host = await TestHost.StartAsync(_time, customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address, Days(1));
        await tenant.SubmitAsync(BatchBody.Of(("open", Powell1), ("failed", Ridge)));
        await host.WorkAsync();
        _time.Advance(TimeSpan.FromHours(12));
        var failed = (await tenant.SubmitAsync(BatchBody.Of(("failed", Assets.Sample("nonface/rocket.jpg")))))["job_id"]!.GetValue<string>();
        await host.WorkAsync();
        var open = (await tenant.SubmitAsync(BatchBody.Of(("open", Powell2))))["job_id"]!.GetValue<string>();

        _time.Advance(TimeSpan.FromHours(13));
        await SweepAsync(host);

        Assert.Equal((0, 0), await CountsAsync(tenant));
        Assert.Equal("failed", (await tenant.PollAsync(failed))["results"]![0]!["external_id"]!.GetValue<string>());
        await host.WorkAsync();
        var enrolled = (await tenant.PollAsync(open))["results"]![0]!;
        Assert.Equal(("open", "enrolled"), (enrolled["external_id"]!.GetValue<string>(), enrolled["outcome"]!.GetValue<string>()));
        Assert.Equal((1, 1), await CountsAsync(tenant));
    }

    [Fact]
    public async Task However_many_they_are_all_of_them_go_and_the_counts_are_right()
    {
        await using var host = await TestHost.StartAsync(_time, customize: TestHost.WithoutSweeps);
        var tenant = await Tenant.CreateAsync(host.Address, Days(1));
        await ManyFaces.AddAsync(host, tenant.Organization, tenant.Collection, 1203, perPerson: 2);
        Assert.Equal((1203, 602), await CountsAsync(tenant));
        _time.Advance(TimeSpan.FromDays(2));
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell1)));

        await SweepAsync(host);

        Assert.Equal((1, 1), await CountsAsync(tenant));
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM face"));
        Assert.Equal(1, await CountAsync(host, "SELECT COUNT(*) FROM person"));
        Assert.Equal(1203, await CountAsync(host, "SELECT COUNT(DISTINCT change_seq) FROM face_tombstone"));
        Assert.Equal(1, (await tenant.IdentifyAsync(Powell2))["searched"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("36501")]
    [InlineData("1.5")]
    [InlineData("\"30\"")]
    [InlineData("true")]
    public async Task Days_that_are_none_are_refused(string days)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var refused = await ChangeAsync(tenant, days);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("INVALID_REQUEST", await refused.ErrorCodeAsync());
    }

    private static JsonObject Days(int days, bool keepImages = false) => new() { ["retention_days"] = days, ["keep_images"] = keepImages };

    private static Task<HttpResponseMessage> ChangeAsync(Tenant tenant, string days) => tenant.Key.PatchAsync(
        $"/api/v1/collections/{tenant.Collection}",
        new StringContent($$"""{"settings": {"retention_days": {{days}} } }""", Encoding.UTF8, "application/json"));

    private static Task SweepAsync(TestHost host) => host.Get<FaceRetention>().SweepAsync(CancellationToken.None);

    private static string Outcome(JsonObject job) => job["results"]![0]!["outcome"]!.GetValue<string>();

    private static async Task<(int Faces, int Persons)> CountsAsync(Tenant tenant)
    {
        var collection = await tenant.GetAsync($"/api/v1/collections/{tenant.Collection}");
        return (collection["face_count"]!.GetValue<int>(), collection["person_count"]!.GetValue<int>());
    }

    private static Task<long> CountAsync(TestHost host, string sql) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>(sql, null, tx), CancellationToken.None);
}
