using System.Globalization;
using System.Net;
using Dapper;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.Batches;

namespace Rollcall.Server.Tests.Storage;

public sealed class DiskSpaceTests
{
    private const long Huge = 1L << 60;
    private const int Megabyte = 1_000_000;

    /// <summary>What the reserve is for: uploads leave it, the database may grow into it.</summary>
    private const int DatabaseGrowth = 2 * Megabyte;

    [Fact]
    public async Task Below_the_reserve_nothing_new_begins_and_what_was_accepted_is_finished()
    {
        using var folder = new TestFolder();
        string key, collection, organization, job;
        await using (var before = await TestHost.StartAsync(data: folder.Path, customize: TestHost.WithoutWorker))
        {
            var tenant = await Tenant.CreateAsync(before.Address);
            job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();
            (key, collection, organization) = (tenant.ApiKey, tenant.Collection, tenant.Organization);
        }

        await using var host = await TestHost.StartAsync(data: folder.Path, args: $"--Storage:ReserveBytes={Huge.ToString(CultureInfo.InvariantCulture)}");
        using var http = host.ClientWith("X-API-Key", key);

        using (var batch = await http.PostAsync($"/api/v1/collections/{collection}/faces/batch-async", new BatchBody().Image("a", Pictures.Jpeg(120, 120)).ToContent()))
            await AssertFullAsync(batch);
        using (var single = await http.PostAsync($"/api/v1/collections/{collection}/faces", Single())) await AssertFullAsync(single);
        using (var ready = await host.Http.GetAsync("/readyz"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.Equal("full", (await ready.JsonAsync())["error"]!["details"]!["storage"]!.GetValue<string>());
        }

        await Eventually.TrueAsync(async () =>
        {
            using var poll = await http.GetAsync($"/api/v1/organizations/{organization}/batch/{job}");
            return (await poll.JsonAsync())["data"]!["succeeded"]!.GetValue<int>() == 1;
        });
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(folder.Path, "blobs")));
        Assert.Equal(1, await JobsAsync(host));
    }

    [Fact]
    public async Task What_others_have_announced_and_not_sent_yet_is_not_there_for_the_next()
    {
        using var disk = Assets.MountDisk(24);
        await using var host = await TestHost.StartAsync(data: disk.Path, customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        using (await BeginAsync(tenant, disk, 15 * Megabyte))
        {
            using var refused = await tenant.PostAsync(Images("a", 2));
            await AssertFullAsync(refused);
        }

        await Eventually.TrueAsync(() => !Directory.EnumerateFileSystemEntries(Path.Combine(disk.Path, "blobs")).Any());
        await tenant.SubmitAsync(Images("a", 2));
    }

    [Fact]
    public async Task Who_announces_much_and_sends_little_does_not_keep_the_disk_from_others()
    {
        using var disk = Assets.MountDisk(64);
        await using var host = await TestHost.StartAsync(data: disk.Path, customize: TestHost.WithoutWorker);
        var (slow, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        using var announced = await BeginAsync(slow, disk, 50 * Megabyte);

        await other.SubmitAsync(Images("a", 2));
    }

    [Fact]
    public async Task What_the_quota_does_not_grant_the_disk_does_not_promise()
    {
        using var disk = Assets.MountDisk(24);
        await using var host = await TestHost.StartAsync(data: disk.Path, customize: TestHost.WithoutWorker, args: $"--Limits:StoredBytes={12 * Megabyte}");
        var (slow, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        using var announced = await BeginAsync(slow, disk, 15 * Megabyte);

        await other.SubmitAsync(Images("a", 2));
    }

    [Fact]
    public async Task A_disk_that_fills_up_refuses_what_does_not_fit_finishes_what_it_took_and_then_takes_more()
    {
        using var disk = Assets.MountDisk(64);
        long reserve;
        string key, collection;
        List<string> accepted = [];
        await using (var host = await TestHost.StartAsync(data: disk.Path, customize: TestHost.WithoutWorker))
        {
            reserve = host.Get<DiskSpace>().Reserve;
            Assert.InRange(reserve, 6 * Megabyte, 7 * Megabyte); // a tenth of a small disk
            var tenant = await Tenant.CreateAsync(host.Address);
            (key, collection) = (tenant.ApiKey, tenant.Collection);

            var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => tenant.PostAsync(Images($"p{i}-", 2))));
            foreach (var answer in answers)
            {
                if (answer.StatusCode == HttpStatusCode.Accepted) accepted.Add((await answer.JsonAsync())["data"]!["job_id"]!.GetValue<string>());
                else await AssertFullAsync(answer);
            }

            Assert.InRange(accepted.Count, 1, 6);
            Assert.InRange(disk.Free, reserve - DatabaseGrowth, long.MaxValue);

            // A body that does not say its length gets as far as there is room.
            using var raw = await RawRequest.SubmitAsync(tenant, "Transfer-Encoding: chunked");
            await raw.SendChunkAsync(System.Text.Encoding.ASCII.GetBytes(RawRequest.ImagePart));
            var sending = Task.Run(async () =>
            {
                for (var image = 0; image < 64; image++)
                {
                    await raw.SendChunkAsync(new byte[9 * Megabyte]);
                    await raw.SendChunkAsync(System.Text.Encoding.ASCII.GetBytes("\r\n" + RawRequest.ImagePart));
                }
            });
            Assert.StartsWith("HTTP/1.1 503", await raw.AnswerAsync(), StringComparison.Ordinal);
            raw.Dispose();
            await Assert.ThrowsAnyAsync<Exception>(() => sending); // nobody reads on
            await Eventually.TrueAsync(() => disk.Free >= reserve - DatabaseGrowth);

            Assert.Equal(accepted.Count, await JobsAsync(host));
            Assert.Equal(accepted.Count, Directory.EnumerateDirectories(Path.Combine(disk.Path, "blobs")).Count());
            await tenant.CreateCollectionAsync(); // the database has room
        }

        await using var again = await TestHost.StartAsync(data: disk.Path);
        using var http = again.ClientWith("X-API-Key", key);
        foreach (var job in accepted)
        {
            await Eventually.TrueAsync(async () =>
            {
                using var poll = await http.GetAsync($"/api/v1/collections/{collection}/batch/{job}");
                return (await poll.JsonAsync())["data"]!["succeeded"]!.GetValue<int>() == 2;
            });
        }

        using var next = await http.PostAsync($"/api/v1/collections/{collection}/faces/batch-async", Images("q", 2).ToContent());
        Assert.Equal(HttpStatusCode.Accepted, next.StatusCode);
    }

    /// <summary>Photographs of 5 MB that can be enrolled: what follows the end of a JPEG does not matter.</summary>
    private static BatchBody Images(string person, int count) => Enumerable.Range(0, count).Aggregate(
        new BatchBody(), (body, i) => body.Image($"{person}{i}", Pictures.Padded(File.ReadAllBytes(Assets.Lfw("Colin_Powell", i + 1)), 5 * Megabyte)));

    private static MultipartFormDataContent Single() => new()
    {
        { new ByteArrayContent(File.ReadAllBytes(Assets.Lfw("Colin_Powell"))), "image", "a.jpg" },
        { new StringContent("single"), "external_id" },
    };

    /// <summary>An upload that says how much it will be and then comes slowly.</summary>
    private static async Task<RawRequest> BeginAsync(Tenant tenant, SmallDisk disk, int length)
    {
        var announced = await RawRequest.SubmitAsync(tenant, $"Content-Length: {length}");
        await announced.SendAsync(RawRequest.ImagePart);
        await announced.SendAsync(new byte[Megabyte]);
        await Eventually.TrueAsync(() => Directory.EnumerateFiles(Path.Combine(disk.Path, "blobs"), "*", SearchOption.AllDirectories).Any());
        return announced;
    }

    private static async Task AssertFullAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("SERVICE_BUSY", await answer.ErrorCodeAsync());
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    private static Task<long> JobsAsync(TestHost host) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM job", null, tx), CancellationToken.None);
}
