using System.Net;
using Dapper;
using Rollcall.Server.Batches;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Batches;

/// <summary>Bodies that are too large, too slow or too many.</summary>
public sealed class UploadLimitTests
{
    [Fact]
    public async Task A_body_that_announces_too_much_is_refused_before_it_is_sent()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        using var raw = await RawRequest.SubmitAsync(tenant, "Content-Length: 2000000000");

        var answer = await raw.AnswerAsync();

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        await AssertNothingLeftAsync(host);
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_given_up_and_leaves_nothing()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        using var raw = await RawRequest.SubmitAsync(tenant, "Content-Length: 100000");
        await raw.SendAsync(RawRequest.ImagePart);
        await raw.SendAsync(new byte[100]);
        await Eventually.TrueAsync(() => Directory.EnumerateFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories).Any());

        var answer = await raw.AnswerAsync(); // nothing more is sent

        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), answer);
        await Eventually.TrueAsync(() => !Directory.EnumerateFileSystemEntries(Path.Combine(host.Data, "blobs")).Any());
        await AssertNothingLeftAsync(host);
    }

    [Fact]
    public async Task One_organization_has_not_all_the_places_and_gets_them_back()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var (tenant, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        var slow = new List<RawRequest>();
        for (var i = 0; i < UploadPlaces.OfOne; i++)
        {
            slow.Add(await RawRequest.SubmitAsync(tenant, "Content-Length: 100000"));
            await slow[^1].SendAsync(RawRequest.ImagePart);
            await slow[^1].SendAsync(new byte[80_000]); // enough not to be slow for minutes
        }

        await Eventually.TrueAsync(() => Directory.EnumerateDirectories(Path.Combine(host.Data, "blobs")).Count() == UploadPlaces.OfOne);
        using (var refused = await tenant.PostAsync(Small()))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("SERVICE_BUSY", await refused.ErrorCodeAsync());
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        await other.SubmitAsync(Small());
        slow.ForEach(one => one.Dispose());
        await Eventually.TrueAsync(() => Directory.EnumerateDirectories(Path.Combine(host.Data, "blobs")).Count() == 1);
        await tenant.SubmitAsync(Small());
    }

    private static BatchBody Small() => new BatchBody().Image("a", Pictures.Jpeg(120, 120));

    private static async Task AssertNothingLeftAsync(TestHost host)
    {
        await Eventually.TrueAsync(() => !Directory.EnumerateFileSystemEntries(Path.Combine(host.Data, "blobs")).Any());
        Assert.Equal(0, await host.Get<Database>().ReadAsync(
            tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT (SELECT COUNT(*) FROM job) + (SELECT COUNT(*) FROM job_item)", null, tx), CancellationToken.None));
    }
}
