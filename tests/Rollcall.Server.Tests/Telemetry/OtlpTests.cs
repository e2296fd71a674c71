using System.Collections.Concurrent;
using System.Text;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Server.Storage;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Tests.Telemetry;

/// <summary>What is sent over OTLP, to a collector that keeps what it gets. Strings stand in protobuf as they are.</summary>
public sealed class OtlpTests
{
    private const string Traced = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("Hosting:OtlpEndpoint")]
    public async Task Traces_and_metrics_go_to_the_collector_and_an_item_names_the_trace_of_its_request(string setting)
    {
        await using var collector = await Collector.StartAsync();
        using var folder = new TestFolder();
        await using var server = await ServerProcess.StartAsync(
            folder.Path,
            Assets.Models,
            $"--{setting}={collector.Address}",
            "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "--OTEL_BSP_SCHEDULE_DELAY=100",
            "--OTEL_METRIC_EXPORT_INTERVAL=200");
        var tenant = await Tenant.CreateAsync(server.Address);
        using var submit = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/collections/{tenant.Collection}/faces/batch-async")
        {
            Content = BatchBody.Of(("secret-person", Assets.Lfw("Colin_Powell"))).ToContent(),
        };
        submit.Headers.Add("traceparent", $"00-{Traced}-00f067aa0ba902b7-01");
        using var accepted = await tenant.Key.SendAsync(submit);
        await tenant.EndOfAsync((await accepted.JsonAsync())["data"]!["job_id"]!.GetValue<string>());
        Assert.Single(await tenant.FacesAsync("secret-person"));

        var wanted = new[] { "intake", "claim", "item", "commit", "read", "decode", "detect", "align", "assess", "embed" };
        await Eventually.TrueAsync(() => wanted.All(name => collector.Got("/v1/traces", Name(name))));
        await Eventually.TrueAsync(() => collector.Got("/v1/metrics", "rollcall.items") && collector.Got("/v1/metrics", "rollcall.queue.items"));
        Assert.True(collector.Got("/v1/traces", "/api/v1/collections/{collection_id}/faces/batch-async"));
        Assert.True(collector.Got("/v1/traces", "rollcall"));

        // The caller's trace goes on in the request and its intake, and is the link of the item.
        Assert.InRange(collector.Count("/v1/traces", Encoding.Latin1.GetString(Convert.FromHexString(Traced))), 3, 50);
        foreach (var secret in new[] { "secret-person", tenant.ApiKey, tenant.Token })
        {
            Assert.False(collector.Got("/v1/traces", secret), secret);
            Assert.False(collector.Got("/v1/metrics", secret), secret);
        }

        foreach (var id in new[] { tenant.Organization, tenant.Collection }) Assert.False(collector.Got("/v1/metrics", id), id);
    }

    [Fact]
    public async Task Nothing_is_traced_or_sent_where_nobody_set_where_to()
    {
        await using var host = await TestHost.StartAsync();
        Assert.Throws<InvalidOperationException>(host.Get<TracerProvider>);
        Assert.DoesNotContain(host.Get<IEnumerable<IHostedService>>(), service => service is StateSampling);

        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))));
        Assert.Equal(0, await host.Get<Database>().ReadAsync(
            tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM job WHERE trace_parent IS NOT NULL", null, tx), CancellationToken.None));
    }

    /// <summary>A span's name as protobuf writes it: its field, its length, itself.</summary>
    private static string Name(string name) => $"*{(char)name.Length}{name}";

    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, string Body)> _got = new();

        public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var app = builder.Build();
            var collector = new Collector(app);
            app.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                collector._got.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
            });
            await app.StartAsync();
            return collector;
        }

        public bool Got(string path, string text) => _got.Any(one => one.Path == path && one.Body.Contains(text, StringComparison.Ordinal));

        public int Count(string path, string text) => _got.Where(one => one.Path == path).Sum(one => one.Body.Split(text).Length - 1);

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
