using Rollcall.Benchmarks.Campaigns;
using Rollcall.Client;

namespace Rollcall.Server.Tests.Telemetry;

/// <summary>What <c>/metrics</c> says, of a process of its own: within one, several hosts would count into each other's figures.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Metrics_move_with_a_job_and_an_identification_and_name_nobody()
    {
        using var folder = new TestFolder();
        await using var server = await ServerProcess.StartAsync(folder.Path, Assets.Models);
        using var http = new HttpClient { BaseAddress = server.Address };
        var before = await Exposition.ScrapeAsync(http);
        foreach (var counter in new[] { "batch_accepted", "queue_leases_expired", "queue_results_discarded" }) Assert.Contains($"rollcall_{counter}_total", before.Series);
        var customer = await Customer.RegisterAsync(server.Address);
        var api = customer.At(http);
        string[] files = [Assets.Lfw("Colin_Powell"), Assets.Lfw("George_W_Bush"), Assets.Sample("nonface/horses.jpg")];

        var job = await api.SubmitBatchAsync(customer.Collection, [.. files.Select((path, i) => new BatchEntry($"person-{i}", ImageFile.FromPath(path)))]);
        await api.WaitForCompletionAsync(BatchAddress.InCollection(customer.Collection, job.JobId));
        var found = await api.IdentifyAsync(customer.Collection, ImageFile.FromPath(Assets.Lfw("George_W_Bush", 3)));
        Assert.Equal("person-1", Assert.Single(found.Matches).ExternalId);

        var after = await Exposition.ScrapeAsync(http);
        Assert.Equal(2, after["rollcall_items_total{code=\"\",outcome=\"enrolled\"}"]);
        Assert.Equal(1, after["rollcall_items_total{code=\"FACE_NOT_DETECTED\",outcome=\"failed\"}"]);
        Assert.Equal(1, after["rollcall_batch_accepted_total"]);
        Assert.Equal(files.Sum(file => new FileInfo(file).Length), after["rollcall_batch_received_bytes_total"]);
        foreach (var (stage, count) in new[] { ("read", 3), ("decode", 3), ("detect", 3), ("align", 2), ("assess", 2), ("embed", 2) })
        {
            Assert.Equal(count, after[$"rollcall_item_stage_duration_seconds_count{{stage=\"{stage}\"}}"]);
            Assert.Equal(count, after[$"rollcall_item_stage_duration_seconds_bucket{{stage=\"{stage}\",le=\"+Inf\"}}"]);
            Assert.InRange(after[$"rollcall_item_stage_duration_seconds_sum{{stage=\"{stage}\"}}"], 1e-9, 600);
        }

        Assert.InRange(after["rollcall_queue_commit_duration_seconds_count"], 1, 3);
        Assert.Equal(1, after["rollcall_identify_duration_seconds_count{found=\"true\"}"]);
        Assert.Equal(2, after["rollcall_identify_searched_sum"]);
        Assert.Equal((1, 2), (after["rollcall_index_collections"], after["rollcall_index_vectors"]));
        Assert.InRange(after["rollcall_index_memory_bytes"], 2 * 128, 1e6);
        Assert.Equal((0, 0), (after["rollcall_queue_items{state=\"waiting\"}"], after["rollcall_queue_items{state=\"running\"}"]));
        Assert.Contains("rollcall_queue_oldest_age_seconds", after.Series);
        Assert.Equal(new FileInfo(files[2]).Length, after["rollcall_storage_used_bytes{kind=\"uploads\"}"]);
        Assert.InRange(after["rollcall_storage_used_bytes{kind=\"database\"}"], 1e5, 1e8);
        Assert.InRange(after["rollcall_storage_free_bytes"], 1, double.MaxValue);
        Assert.Equal(1, after[Requests("POST", 202, "/api/v1/collections/{collection_id}/faces/batch-async")]);
        Assert.InRange(after["dotnet_process_cpu_time_seconds_total{cpu_mode=\"user\"}"], 0.01, 600);

        foreach (var secret in new[] { customer.Organization, customer.Collection, customer.Key, job.JobId, "person-", "example.com" })
            Assert.DoesNotContain(after.Series, series => series.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_queue_is_seen_while_it_is_long_and_a_kill_counts_the_leases_that_it_cost()
    {
        using var folder = new TestFolder();
        Customer customer;
        await using (var server = await ServerProcess.StartAsync(folder.Path, Assets.Models))
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            customer = await Customer.RegisterAsync(server.Address);
            var photographs = Directory.EnumerateFiles(Path.Combine(Assets.Faces, "lfw", "George_W_Bush")).Order(StringComparer.Ordinal).Take(100).ToList();
            for (var i = 0; i < 3; i++)
                await customer.At(http).SubmitBatchAsync(customer.Collection, [.. photographs.Select((path, n) => new BatchEntry($"{i}-{n}", ImageFile.FromPath(path)))]);
            await Eventually.TrueAsync(async () => (await Exposition.ScrapeAsync(http))["rollcall_queue_items{state=\"running\"}"] > 0);

            var busy = await Exposition.ScrapeAsync(http);
            Assert.InRange(busy["rollcall_queue_items{state=\"waiting\"}"], 1, 299);
            Assert.InRange(busy["rollcall_queue_oldest_age_seconds"], 0.0001, 600);
            await server.KillAsync();
        }

        await using var next = await ServerProcess.StartAsync(folder.Path, Assets.Models);
        using var again = new HttpClient { BaseAddress = next.Address };
        Assert.InRange((await Exposition.ScrapeAsync(again))["rollcall_queue_leases_expired_total"], 1, 100);
    }

    private static string Requests(string method, int status, string route) =>
        $"http_server_request_duration_seconds_count{{http_request_method=\"{method}\",http_response_status_code=\"{status}\",http_route=\"{route}\",network_protocol_version=\"1.1\",url_scheme=\"http\"}}";
}
