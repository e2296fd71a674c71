using Dapper;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Enrolment;

public sealed class OutageTests
{
    [Fact]
    public async Task An_upload_that_is_gone_fails_its_own_item_alone()
    {
        await using var host = await TestHost.StartAsync(args: "--Queue:Concurrency=1");
        var tenant = await Tenant.CreateAsync(host.Address);
        var blobs = Path.Combine(host.Data, "blobs");

        // The first item keeps the one worker busy for a while; the last one's upload goes before it is read.
        var body = new BatchBody().Image("big", File.ReadAllBytes(Assets.Sample("group/bald_guys.jpg")));
        for (var i = 0; i < 30; i++) body.Image($"p{i}", File.ReadAllBytes(Assets.Lfw("George_W_Bush", i + 1)));
        var job = (await tenant.SubmitAsync(body.Field("multiple_faces", "largest").Field("min_quality", "0")))["job_id"]!.GetValue<string>();
        var gone = Path.Combine(blobs, job, "030");
        File.Delete(gone);

        var results = (await tenant.EndOfAsync(job))["results"]!.AsArray();

        Assert.Equal("PROCESSING_ERROR", results[30]!["error"]!["code"]!.GetValue<string>());
        Assert.All(results.Take(30), item => Assert.True(item!["success"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task A_result_that_cannot_be_committed_ends_its_own_item_and_holds_up_no_other()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await PretendAsync(
            host,
            """
            CREATE TRIGGER poison BEFORE UPDATE ON job_item WHEN NEW.state = 1 AND NEW.external_id = 'poison'
            BEGIN SELECT RAISE(ABORT, 'no such result'); END
            """);
        var body = new BatchBody();
        foreach (var (name, i) in new[] { ("a", 1), ("poison", 2), ("b", 3) }) body.Image(name, File.ReadAllBytes(Assets.Lfw("George_W_Bush", i)));

        var job = await tenant.EnrolAsync(body.Field("multiple_faces", "largest").Field("min_quality", "0"));

        Assert.Equal(["enrolled", "PROCESSING_ERROR", "enrolled"], job["results"]!.AsArray().Select(item => $"{item!["error"]?["code"] ?? item["outcome"]}"));
        Assert.Empty(await tenant.FacesAsync("poison"));
    }

    [Fact]
    public async Task An_item_that_ended_the_process_three_times_is_given_up_without_another_try()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await PretendAsync(host, "CREATE TRIGGER crashed AFTER INSERT ON work BEGIN UPDATE work SET suspect = 1, crashes = 3 WHERE item_id = NEW.item_id; END");

        var job = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))));

        Assert.Equal("PROCESSING_ERROR", job["results"]![0]!["error"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Suspects_are_enrolled_like_any_other_one_after_the_other()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await PretendAsync(host, "CREATE TRIGGER suspected AFTER INSERT ON work BEGIN UPDATE work SET suspect = 1 WHERE item_id = NEW.item_id; END");

        var job = await tenant.EnrolAsync(BatchBody.Of([.. Enumerable.Range(1, 6).Select(i => ($"p{i}", Assets.Lfw("George_W_Bush", i)))]).Field("multiple_faces", "largest").Field("min_quality", "0"));

        Assert.Equal(6, job["succeeded"]!.GetValue<int>());
    }

    private static Task PretendAsync(TestHost host, string sql) =>
        host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, null, tx), CancellationToken.None);
}
