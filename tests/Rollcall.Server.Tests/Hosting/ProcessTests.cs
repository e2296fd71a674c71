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
    [InlineData("--Models:Pack=unknown")]
    public async Task A_setting_that_is_wrong_stops_the_start_with_a_message(string setting)
    {
        using var folder = new TestFolder();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(folder.Path, Assets.Models, setting));

        Assert.Contains("Rollcall cannot start", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Message, StringComparison.Ordinal);
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
