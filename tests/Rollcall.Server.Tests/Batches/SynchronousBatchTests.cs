using System.Net;

namespace Rollcall.Server.Tests.Batches;

public sealed class SynchronousBatchTests
{
    [Fact]
    public async Task The_answer_is_the_finished_job_with_its_results()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await PostAsync(tenant, BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Sample("nonface/rocket.jpg"))));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var job = (await answer.JsonAsync())["data"]!.AsObject();
        JobInvariants.Check(job);
        Assert.Equal("done", job["status"]!.GetValue<string>());
        Assert.Equal(["enrolled", "FACE_NOT_DETECTED"], job["results"]!.AsArray().Select(item => $"{item!["error"]?["code"] ?? item["outcome"]}"));
        Assert.Equal(job.ToJsonString(), (await tenant.PollAsync(job["job_id"]!.GetValue<string>())).ToJsonString());
    }

    [Fact]
    public async Task A_face_is_not_younger_than_the_end_of_its_job()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        var job = await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))));

        var face = Assert.Single(await tenant.FacesAsync("p"))!;
        Assert.Equal(job["completed_at"]!.GetValue<string>(), face["created_at"]!.GetValue<string>());
    }

    [Fact]
    public async Task Twenty_images_are_taken_and_one_more_is_too_many()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var twenty = await PostAsync(tenant, Of(20));
        Assert.Equal(20, (await twenty.JsonAsync())["data"]!["total"]!.GetValue<int>());
        using var more = await PostAsync(tenant, Of(21));
        Assert.Equal("TOO_MANY_IMAGES", await more.ErrorCodeAsync());

        static BatchBody Of(int images) => Enumerable.Range(0, images).Aggregate(new BatchBody(), (body, i) => body.Image($"p{i}", Pictures.Jpeg(120, 120)));
    }

    [Fact]
    public async Task Its_idempotency_keys_are_its_own()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        tenant.Key.DefaultRequestHeaders.Add("Idempotency-Key", "k");

        using var first = await PostAsync(tenant, new BatchBody().Image("p", Pictures.Jpeg(120, 120)));
        using var again = await PostAsync(tenant, new BatchBody().Image("p", Pictures.Jpeg(120, 120)));
        using var elsewhere = await tenant.PostAsync(new BatchBody().Image("p", Pictures.Jpeg(120, 120)));

        Assert.Equal(await JobAsync(first), await JobAsync(again));
        Assert.True(again.Headers.Contains("Idempotency-Replayed"));
        Assert.False(elsewhere.Headers.Contains("Idempotency-Replayed"));

        static async Task<string> JobAsync(HttpResponseMessage answer) => (await answer.JsonAsync())["data"]!["job_id"]!.GetValue<string>();
    }

    private static Task<HttpResponseMessage> PostAsync(Tenant tenant, BatchBody body) =>
        tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/faces/batch", body.ToContent());
}
