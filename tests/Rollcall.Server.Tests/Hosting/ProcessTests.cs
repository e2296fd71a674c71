using System.Text.Json.Nodes;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Tests.Hosting;

public sealed class ProcessTests
{
    [Fact]
    public async Task Sigterm_finishes_what_is_in_hand_gives_back_the_rest_and_the_next_start_ends_the_job()
    {
        using var folder = new TestFolder();
        var photographs = Directory.EnumerateFiles(Path.Combine(Assets.Faces, "lfw", "George_W_Bush")).Order(StringComparer.Ordinal).Take(100).ToList();
        Customer customer;
        string job;
        await using (var server = await ServerProcess.StartAsync(folder.Path, Assets.Models))
        {
            customer = await Customer.RegisterAsync(server.Address);
            using var http = new HttpClient { BaseAddress = server.Address };
            job = (await customer.At(http).SubmitBatchAsync(
                customer.Collection,
                [.. photographs.Select((path, i) => new BatchEntry($"p{i}", ImageFile.FromPath(path)))],
                new BatchOptions { MultipleFaces = MultipleFaces.Largest, MinQuality = 0 })).JobId;

            Assert.Equal(0, await server.StopAsync());
        }

        await using var next = await ServerProcess.StartAsync(folder.Path, Assets.Models);
        using var again = new HttpClient { BaseAddress = next.Address };
        var done = await customer.At(again).WaitForCompletionAsync(BatchAddress.InCollection(customer.Collection, job));
        Assert.Equal((100, 100), (done.Total, done.Succeeded));
        Assert.DoesNotContain("were being worked on when the last process ended", next.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sigterm_stops_the_workers_also_while_an_upload_keeps_the_server_waiting()
    {
        using var folder = new TestFolder();
        var photographs = Directory.EnumerateFiles(Path.Combine(Assets.Faces, "lfw", "George_W_Bush")).Order(StringComparer.Ordinal).Take(100).ToList();
        await using (var server = await ServerProcess.StartAsync(folder.Path, Assets.Models, "--Hosting:ShutdownGrace=00:00:03"))
        {
            var customer = await Customer.RegisterAsync(server.Address);
            using var http = new HttpClient { BaseAddress = server.Address };
            var begun = new TaskCompletionSource();
            var slow = new ImageFile("slow.jpg", async ct =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
                return Stream.Null;
            });
            using var end = new CancellationTokenSource();
            var upload = customer.At(http).SubmitBatchAsync(customer.Collection, [new BatchEntry("p", ImageFile.FromPath(photographs[0])), new BatchEntry("q", slow)], cancellationToken: end.Token);
            await begun.Task;
            for (var i = 0; i < 3; i++)
                await customer.At(http).SubmitBatchAsync(customer.Collection, [.. photographs.Select((path, n) => new BatchEntry($"{i}-{n}", ImageFile.FromPath(path)))]);

            Assert.Equal(0, await server.StopAsync());
            await end.CancelAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => upload);
        }

        await using var next = await ServerProcess.StartAsync(folder.Path, Assets.Models);
        Assert.DoesNotContain("were being worked on when the last process ended", next.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_server_keeps_is_its_owners_alone()
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "data");
        await using var server = await ServerProcess.StartAsync(data, Assets.Models);
        await Customer.RegisterAsync(server.Address);

        if (OperatingSystem.IsWindows()) return; // files have no modes there

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(data) & others);
        foreach (var file in Directory.EnumerateFiles(data, "rollcall.db*").Append(Path.Combine(data, "secrets", "token.key")))
            Assert.True((File.GetUnixFileMode(file) & others) == UnixFileMode.None, file);
    }

    [Fact]
    public async Task A_second_process_on_the_same_data_folder_refuses_to_start_and_a_killed_one_leaves_no_lock()
    {
        using var folder = new TestFolder();
        await using (var first = await ServerProcess.StartAsync(folder.Path, Assets.Models))
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(folder.Path, Assets.Models));
            Assert.Contains("--data DIR", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", refused.Message, StringComparison.Ordinal);
            await first.KillAsync();
        }

        await using var second = await ServerProcess.StartAsync(folder.Path, Assets.Models);
    }

    [Fact]
    public async Task Without_a_model_pack_the_server_says_where_it_looked_and_what_to_do()
    {
        using var folder = new TestFolder();
        using var empty = new TestFolder();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ServerProcess.StartAsync(folder.Path, empty.Path, "--Models:AllowDownload=false"));

        Assert.Contains(empty.Path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Mirror", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Queue:Lease=00:00:00")]
    [InlineData("--Queue:Lease=soon")]
    [InlineData("--Queue:Concurency=4")]
    [InlineData("--Hosting:MetricsToken=too-short")]
    [InlineData("--Hosting:MetricsToken=with space in it, and long")]
    [InlineData("--Hosting:OtlpEndpoint=collector")]
    [InlineData("--urls=nonsense")]
    [InlineData("--urls=http://127.0.0.1:99999")]
    [InlineData("--Models:Pack=unknown")]
    public async Task A_setting_that_is_wrong_stops_the_start_with_a_message(string setting)
    {
        using var folder = new TestFolder();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(folder.Path, Assets.Models, setting));

        Assert.Contains("Rollcall cannot start", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_json_log_is_json_in_every_line_and_says_where_it_listens()
    {
        using var folder = new TestFolder();
        await using var server = await ServerProcess.StartAsync(folder.Path, Assets.Models, "--Logging:Console:FormatterName=json");

        await server.StopAsync();

        var lines = server.Output.Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        var ready = Assert.Single(lines, line => line["EventId"]!.GetValue<int>() == 1103);
        Assert.Equal(server.Address.ToString().TrimEnd('/'), ready["State"]!["Address"]!.GetValue<string>());
    }

    [Fact]
    public async Task It_says_where_it_is_and_which_calls_come_first()
    {
        using var folder = new TestFolder();
        await using var server = await ServerProcess.StartAsync(folder.Path, Assets.Models);

        await server.StopAsync();

        Assert.Contains($"Rollcall is ready at {server.Address.ToString().TrimEnd('/')}", server.Output, StringComparison.Ordinal);
        Assert.Contains("/api/v1/reference", server.Output, StringComparison.Ordinal);
        Assert.Contains("faces/batch-async", server.Output, StringComparison.Ordinal);
    }
}
