using Microsoft.AspNetCore.Http;
using Rollcall.Faces.Models;
using static Rollcall.Faces.Tests.Models.FileServer;

namespace Rollcall.Faces.Tests.Models;

/// <summary>Files that come in parts, wrong, changed or not at all.</summary>
public sealed class ModelDownloadTests : ModelDownloads
{
    [Theory]
    [InlineData(Tag)]
    [InlineData(null)]
    public async Task What_was_cut_off_goes_on_where_it_stopped(string? tag)
    {
        await using var server = await StartAsync(CutOff(Right, Half, tag), Ranged(Right, tag));

        await PassAsync(ObtainAsync(server));

        AssertWholeAndAlone();
        Assert.Equal([("", ""), ($"bytes={Half}-", tag ?? "")], server.Asked);
    }

    [Fact]
    public async Task The_next_process_goes_on_where_the_last_one_gave_up()
    {
        await using (var broken = await StartAsync(CutOff(Right, Half, Tag), Only(503)))
        {
            var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => PassAsync(ObtainAsync(broken)));
            Assert.Contains("answered 503", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(Half, new FileInfo(Part).Length);
        await using var server = await StartAsync(Ranged(Right, Tag));
        await PassAsync(ObtainAsync(server));

        AssertWholeAndAlone();
        Assert.Equal([($"bytes={Half}-", Tag)], server.Asked);
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_starts_again()
    {
        await using var server = await StartAsync(CutOff(Right, Half), Whole(Right));

        await PassAsync(ObtainAsync(server));

        AssertWholeAndAlone();
        Assert.StartsWith("bytes=", server.Asked[1].Range, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_comes_whole()
    {
        await using var server = await StartAsync(CutOff(Wrong, Half, Tag), Ranged(Right, "\"two\""));

        await PassAsync(ObtainAsync(server));

        AssertWholeAndAlone();
        Assert.Equal(Tag, server.Asked[1].IfRange);
    }

    [Theory]
    [InlineData(416, null)]
    [InlineData(206, "bytes 7-8/9")]
    public async Task A_range_that_is_not_given_as_asked_is_given_up_for_the_whole(int status, string? range)
    {
        await using var server = await StartAsync(
            CutOff(Right, Half),
            context =>
            {
                context.Response.StatusCode = status;
                context.Response.Headers.ContentRange = range;
                return Task.CompletedTask;
            },
            Whole(Right));

        await PassAsync(ObtainAsync(server));

        AssertWholeAndAlone();
        Assert.Equal(["", "bytes", ""], server.Asked.Select(asked => asked.Range.Split('=')[0]));
    }

    [Fact]
    public async Task Halves_of_two_files_are_thrown_away_together()
    {
        await using var server = await StartAsync(CutOff(Wrong, Half), Ranged(Right));

        await PassAsync(ObtainAsync(server));

        AssertWholeAndAlone();
        Assert.Equal("", server.Asked[2].Range);
    }

    [Fact]
    public async Task A_proxy_that_cuts_each_answer_of_a_file_that_changed_is_given_up_the_secondTime()
    {
        var (cut, rest) = (CutOff(Wrong, Half), Ranged(Wrong));
        await using var server = await StartAsync(cut, rest, cut, rest, Only(404));

        await RefusedAsync(server, "SHA-256");

        Assert.Equal(["", "bytes", "", "bytes"], server.Asked.Select(asked => asked.Range.Split('=')[0]));
    }

    [Fact]
    public async Task A_wrong_file_is_asked_for_once_and_nothing_of_it_is_kept()
    {
        await using var server = await StartAsync(Whole(Wrong));

        await RefusedAsync(server, "SHA-256");

        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task An_endless_answer_does_not_fill_the_disk()
    {
        await using var server = await StartAsync(async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(Right, context.RequestAborted);
        });

        await RefusedAsync(server, "more than");
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    public async Task What_is_not_there_is_asked_for_once(int status)
    {
        await using var server = await StartAsync(Only(status));

        await RefusedAsync(server, $"answered {status}");

        Assert.Single(server.Asked);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task A_server_in_trouble_is_asked_again(int status)
    {
        await using var server = await StartAsync(Only(status), Only(status), Whole(Right));

        await PassAsync(ObtainAsync(server));

        AssertWholeAndAlone();
    }

    [Fact]
    public async Task Without_progress_it_gives_up()
    {
        await using var server = await StartAsync(Only(503));

        await RefusedAsync(server, "given up after 5 tries");

        Assert.Equal(5, server.Asked.Count);
    }

    [Fact]
    public async Task An_address_that_brings_nothing_is_given_up_as_early_as_it_is_told_to()
    {
        await using var server = await StartAsync(Only(503));

        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => PassAsync(ObtainAsync(server, triesInVain: 2)));

        Assert.Contains("given up after 2 tries", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, server.Asked.Count);
    }

    [Fact]
    public async Task One_that_has_begun_to_bring_the_file_is_asked_as_often_as_ever()
    {
        await using var server = await StartAsync(Only(503), CutOff(Right, Half), Only(503), Only(503), Only(503), Ranged(Right));

        await PassAsync(ObtainAsync(server, triesInVain: 2));

        AssertWholeAndAlone();
    }

    [Fact]
    public async Task A_line_that_breaks_off_often_gets_there()
    {
        var answers = Enumerable.Range(0, 12).Select(i => (RequestDelegate)(async context =>
        {
            var from = context.Request.GetTypedHeaders().Range?.Ranges.Single().From ?? 0;
            context.Response.StatusCode = from == 0 ? 200 : 206;
            if (from > 0) context.Response.Headers.ContentRange = $"bytes {from}-{Right.Length - 1}/{Right.Length}";
            context.Response.ContentLength = Right.Length - from;
            await context.Response.Body.WriteAsync(Right.AsMemory((int)from, 20_000), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }));
        await using var server = await StartAsync([.. answers, Ranged(Right)]);

        await PassAsync(ObtainAsync(server));

        AssertWholeAndAlone();
        Assert.Equal(13, server.Asked.Count);
    }

    [Fact]
    public async Task Nobody_there_is_an_answer_too()
    {
        Uri address;
        await using (var gone = await StartAsync(Whole(Right))) address = gone.Address;

        await RefusedAsync(address, "could not be read");
    }

    [Fact]
    public async Task Who_interrupts_it_keeps_what_has_come()
    {
        var release = new TaskCompletionSource();
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        await using var server = await StartAsync(
            async context =>
            {
                context.Response.ContentLength = Right.Length;
                await context.Response.Body.WriteAsync(Right.AsMemory(0, Half), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await release.Task.WaitAsync(context.RequestAborted);
            },
            Ranged(Right));
        var interrupted = ObtainAsync(server.Address, Never, interrupt.Token);
        await UntilAsync(() => File.Exists(Part) && new FileInfo(Part).Length == Half);

        await interrupt.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => interrupted);
        await PassAsync(ObtainAsync(server));

        AssertWholeAndAlone();
        Assert.Equal($"bytes={Half}-", server.Asked[1].Range);
    }

    [Fact]
    public async Task Of_several_that_share_a_cache_one_downloads_and_all_get_it()
    {
        var release = new TaskCompletionSource();
        await using var server = await StartAsync(async context =>
        {
            context.Response.ContentLength = Right.Length;
            await context.Response.Body.WriteAsync(Right.AsMemory(0, Half), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await release.Task.WaitAsync(context.RequestAborted);
            await context.Response.Body.WriteAsync(Right.AsMemory(Half), context.RequestAborted);
        });

        var all = Enumerable.Range(0, 4).Select(_ => ObtainAsync(server)).ToArray();
        await UntilAsync(() => File.Exists(Part) && new FileInfo(Part).Length == Half);
        release.SetResult();
        await PassAsync(Task.WhenAll(all));

        AssertWholeAndAlone();
        Assert.Single(server.Asked);
    }
}
