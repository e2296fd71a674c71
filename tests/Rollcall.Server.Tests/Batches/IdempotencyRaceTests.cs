using System.Net;
using System.Text;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Batches;

/// <summary>Keys under real concurrency, and what makes two bodies the same.</summary>
public sealed class IdempotencyRaceTests
{
    [Fact]
    public async Task Two_at_the_same_moment_make_one_job_round_after_round()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        for (var round = 1; round <= 60; round++)
        {
            var key = $"round {round}";
            using var start = new Barrier(2);
            var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                start.SignalAndWait();
                return PostAsync(tenant, key, Of($"p{round}"));
            })));
            using var repeat = await PostAsync(tenant, key, Of($"p{round}"));

            var job = await JobAsync(repeat);
            Assert.Equal("true", repeat.Headers.GetValues("Idempotency-Replayed").Single());
            Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Accepted && !answer.Headers.Contains("Idempotency-Replayed"));
            foreach (var answer in answers)
            {
                if (answer.StatusCode == HttpStatusCode.Accepted) Assert.Equal(job, await JobAsync(answer));
                else Assert.Equal("IDEMPOTENCY_KEY_IN_USE", await answer.ErrorCodeAsync());
            }

            Assert.Equal(round, await ScalarAsync(host, "SELECT COUNT(*) FROM job"));
            Assert.Equal(round, await ScalarAsync(host, "SELECT COUNT(*) FROM job_item"));
        }
    }

    [Fact]
    public async Task The_same_parts_in_another_wrapping_are_the_same_body_and_in_another_order_are_not()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var (one, two) = (Pictures.Jpeg(120, 120), Pictures.Jpeg(121, 120));
        string[] original = [Part("images", one, "a.jpg"), Part("images", two, "b.jpg"), Part("external_ids[]", "p"), Part("external_ids[]", "q")];
        Assert.Equal((202, false), await SendAsync(Body("b", original)));

        Assert.Equal((202, true), await SendAsync(Body("another-boundary", original), "another-boundary"));
        Assert.Equal((202, true), await SendAsync(Body("b", original), chunked: true));
        Assert.Equal((202, true), await SendAsync(Body("b", [Part("images", one, "z.png"), Part("images", two, "b.jpg", "Content-Type: image/png\r\n"), .. original[2..]])));
        Assert.Equal((202, true), await SendAsync($"a preamble\r\n{Body("b", original)}an epilogue"));

        Assert.Equal((422, false), await SendAsync(Body("b", [original[1], original[0], .. original[2..]])));
        Assert.Equal((422, false), await SendAsync(Body("b", [.. original[..2], original[3], original[2]])));
        Assert.Equal((422, false), await SendAsync(Body("b", [.. original[2..], .. original[..2]])));
        Assert.Equal((422, false), await SendAsync(Body("b", [.. original[..3], Part("external_ids[]", "q ")])));
        Assert.Equal((422, false), await SendAsync(Body("b", [Part("images[]", one, "a.jpg"), .. original[1..]])));
        Assert.Equal(1, await ScalarAsync(host, "SELECT COUNT(*) FROM job"));

        async Task<(int Status, bool Replayed)> SendAsync(string body, string boundary = "b", bool chunked = false)
        {
            const string more = "Idempotency-Key: k\r\n";
            var bytes = Encoding.Latin1.GetBytes(body);
            var answer = await RawHttp.SendAsync(host.Address, chunked
                ? HostileRequests.Chunked(tenant, [.. HostileRequests.Chunk(bytes[..300]), .. HostileRequests.Chunk(bytes[300..]), .. "0\r\n\r\n"u8], more)
                : HostileRequests.Post(tenant, bytes, type: $"multipart/form-data; boundary={boundary}", more: more));
            return (answer.Status, answer.Head.Contains("Idempotency-Replayed: true", StringComparison.Ordinal));
        }

        static string Body(string boundary, string[] parts) => string.Concat(parts.Select(part => $"--{boundary}\r\n{part}\r\n")) + $"--{boundary}--\r\n";
        static string Part(string name, object content, string? fileName = null, string more = "") =>
            $"Content-Disposition: form-data; name=\"{name}\"{(fileName is null ? "" : $"; filename=\"{fileName}\"")}\r\n{more}\r\n{(content is byte[] bytes ? Encoding.Latin1.GetString(bytes) : content)}";
    }

    [Fact]
    public async Task A_reservation_is_renewed_for_as_long_as_its_body_takes_to_come()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time, customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        tenant.Key.DefaultRequestHeaders.Add("Idempotency-Key", "k");
        var release = new TaskCompletionSource();
        var slow = tenant.PostAsync(Of("p"), release.Task);
        await Eventually.TrueAsync(async () => await ScalarAsync(host, "SELECT COUNT(*) FROM idempotency") == 1);

        // Four times as long as the lease.
        for (var passed = 0; passed < 120; passed += 10)
        {
            var until = await ScalarAsync(host, "SELECT lease_until FROM idempotency");
            time.Advance(TimeSpan.FromSeconds(10));
            await Eventually.TrueAsync(async () => await ScalarAsync(host, "SELECT lease_until FROM idempotency") > until);
            using var meanwhile = await tenant.PostAsync(Of("p"));
            Assert.Equal("IDEMPOTENCY_KEY_IN_USE", await meanwhile.ErrorCodeAsync());
            Assert.NotNull(meanwhile.Headers.RetryAfter);
        }

        release.SetResult();
        using var first = await slow;
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal(1, await ScalarAsync(host, "SELECT COUNT(*) FROM job"));
    }

    private static BatchBody Of(string person) => new BatchBody().Image(person, Pictures.Jpeg(120, 120));

    private static Task<HttpResponseMessage> PostAsync(Tenant tenant, string key, BatchBody body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/collections/{tenant.Collection}/faces/batch-async") { Content = body.ToContent() };
        request.Headers.Add("Idempotency-Key", key);
        return tenant.Key.SendAsync(request);
    }

    private static async Task<string> JobAsync(HttpResponseMessage answer) => (await answer.JsonAsync())["data"]!["job_id"]!.GetValue<string>();

    private static Task<long> ScalarAsync(TestHost host, string sql) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>(sql, null, tx), CancellationToken.None);
}
