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
}
