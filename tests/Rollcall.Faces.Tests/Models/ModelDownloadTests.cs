using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Faces.Models;
using static Rollcall.Faces.Tests.Models.FileServer;

namespace Rollcall.Faces.Tests.Models;

/// <summary>Downloads from a real web server on this machine; the pauses between tries pass in a clock of the test's.</summary>
public sealed class ModelDownloadTests : IDisposable
{
    private const int Half = 150_000;
    private const string Tag = "\"one\"";
    private static readonly byte[] Right = RandomNumberGenerator.GetBytes(2 * Half);
    private static readonly byte[] Wrong = [.. Right.AsEnumerable().Reverse()];
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);
    private readonly string _root = Directory.CreateTempSubdirectory("rollcall-download-").FullName;
    private readonly FakeTimeProvider _time = new();

    private string Cached => Path.Combine(_root, "test", "model.onnx");

    private string Part => $"{Cached}.{Convert.ToHexStringLower(SHA256.HashData(Right))}.part";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

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
    public async Task A_proxy_that_cuts_each_answer_of_a_file_that_changed_is_given_up_the_second_time()
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
    public async Task A_slow_server_is_waited_for_as_long_as_it_sends()
    {
        using var next = new SemaphoreSlim(0);
        await using var server = await StartAsync(async context =>
        {
            context.Response.ContentLength = Right.Length;
            foreach (var piece in Right.Chunk(Right.Length / 6))
            {
                await next.WaitAsync(context.RequestAborted);
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        });

        var obtained = ObtainAsync(server, readTimeout: TimeSpan.FromSeconds(30));
        for (var sent = 0; sent < 6; sent++)
        {
            await UntilAsync(() => server.Asked.Count == 1 && (sent == 0 || new FileInfo(Part).Length == sent * Right.Length / 6));
            _time.Advance(TimeSpan.FromSeconds(25));
            next.Release();
        }

        await obtained;
        AssertWholeAndAlone();
        Assert.Single(server.Asked);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Half)]
    public async Task A_server_that_falls_silent_is_given_up(int after)
    {
        await using var server = await StartAsync(async context =>
        {
            if (after > 0 && context.Request.Headers.Range.Count == 0)
            {
                context.Response.ContentLength = Right.Length;
                await context.Response.Body.WriteAsync(Right.AsMemory(0, after), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });

        var obtained = ObtainAsync(server, readTimeout: TimeSpan.FromSeconds(30));
        await UntilAsync(() => after == 0 ? server.Asked.Count == 1 : File.Exists(Part) && new FileInfo(Part).Length == after);
        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => PassAsync(obtained));

        Assert.Contains("silent for 30 s", failure.Message, StringComparison.Ordinal);
        Assert.Equal(after > 0, File.Exists(Part));
    }

    [Fact]
    public async Task A_redirection_is_followed()
    {
        await using var server = await StartAsync(
            context =>
            {
                context.Response.Redirect("/elsewhere");
                return Task.CompletedTask;
            },
            Whole(Right));

        await PassAsync(ObtainAsync(server));

        AssertWholeAndAlone();
    }

    [Fact]
    public async Task Nothing_is_asked_over_an_open_line() =>
        await RefusedAsync(new Uri("http://models.example/model.onnx"), "neither https nor on this machine");

    [Fact]
    public async Task What_an_open_line_led_to_is_not_taken()
    {
        using var http = new HttpClient(new RedirectedHandler());
        var file = FileAt(new Uri("https://models.example/model.onnx"));
        var store = new ModelStore(new() { Cache = _root }, http, _time, NullLogger<ModelStore>.Instance);

        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => store.ObtainFileAsync(PackOf(file), file, Cancelled));

        Assert.Contains("leads to http://open.example/", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Cached));
    }

    [Fact]
    public async Task A_connection_that_does_not_come_about_is_no_silence()
    {
        using var http = new HttpClient(new UnconnectedHandler());
        var file = FileAt(new Uri("https://models.example/model.onnx"));
        var store = new ModelStore(new() { Cache = _root, TriesInVain = 1 }, http, _time, NullLogger<ModelStore>.Instance);

        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => store.ObtainFileAsync(PackOf(file), file, Cancelled));

        Assert.Contains("no connection in time", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("silent", failure.Message, StringComparison.Ordinal);
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

    private Task RefusedAsync(FileServer server, string why) => RefusedAsync(server.Address, why);

    private async Task RefusedAsync(Uri address, string why)
    {
        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => PassAsync(ObtainAsync(address, Never)));
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.GetDirectoryName(Cached)) && FilesThere().Any());
    }

    private Task ObtainAsync(FileServer server, TimeSpan? readTimeout = null, int triesInVain = 5) =>
        ObtainAsync(server.Address, readTimeout ?? Never, triesInVain: triesInVain);

    private async Task ObtainAsync(Uri address, TimeSpan readTimeout, CancellationToken? ct = null, int triesInVain = 5)
    {
        using var http = new HttpClient();
        var file = FileAt(address);
        var store = new ModelStore(new() { Cache = _root, ReadTimeout = readTimeout, TriesInVain = triesInVain }, http, _time, NullLogger<ModelStore>.Instance);
        await store.ObtainFileAsync(PackOf(file), file, ct ?? Cancelled);
    }

    private static ModelFile FileAt(Uri address) =>
        new(ModelRole.Embed, "model.onnx", Convert.ToHexStringLower(SHA256.HashData(Right)), Right.Length, address, "none");

    private static ModelPack PackOf(ModelFile file) => ModelPack.Standard with { Id = "test", Files = [file] };

    /// <summary>Lets time pass until it is done.</summary>
    private async Task PassAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancelled));
        }

        await task;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!condition()) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    /// <summary>As if a server far away had sent the request on to an address without TLS.</summary>
    private sealed class RedirectedHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage
            {
                Content = new ByteArrayContent(Right),
                RequestMessage = new HttpRequestMessage(HttpMethod.Get, "http://open.example/model.onnx"),
            });
    }

    /// <summary>As the platform's does after its own limit for a connection.</summary>
    private sealed class UnconnectedHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new TaskCanceledException("no connection in time");
    }

    private void AssertWholeAndAlone()
    {
        Assert.Equal(Right, File.ReadAllBytes(Cached));
        Assert.Equal([Cached], FilesThere());
    }

    private IEnumerable<string> FilesThere() =>
        Directory.EnumerateFiles(Path.GetDirectoryName(Cached)!).Where(file => Path.GetFileName(file) != "download.lock");
}
