using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Faces.Models;

namespace Rollcall.Faces.Tests.Models;

/// <summary>Downloads from a real web server on this machine; the pauses between tries pass in a clock of the test's.</summary>
public abstract class ModelDownloads : IDisposable
{
    protected const int Half = 150_000;
    protected const string Tag = "\"one\"";
    protected static byte[] Right { get; } = RandomNumberGenerator.GetBytes(2 * Half);
    protected static byte[] Wrong { get; } = [.. Right.AsEnumerable().Reverse()];
    protected static TimeSpan Never { get; } = TimeSpan.FromDays(1);
    protected string Root { get; } = Directory.CreateTempSubdirectory("rollcall-download-").FullName;
    protected FakeTimeProvider Time { get; } = new();

    protected string Cached => Path.Combine(Root, "test", "model.onnx");

    protected string Part => $"{Cached}.{Convert.ToHexStringLower(SHA256.HashData(Right))}.part";

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Directory.Delete(Root, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected Task RefusedAsync(FileServer server, string why) => RefusedAsync(server.Address, why);

    protected async Task RefusedAsync(Uri address, string why)
    {
        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => PassAsync(ObtainAsync(address, Never)));
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.GetDirectoryName(Cached)) && FilesThere().Any());
    }

    private protected Task ObtainAsync(FileServer server, TimeSpan? readTimeout = null, int triesInVain = 5) =>
        ObtainAsync(server.Address, readTimeout ?? Never, triesInVain: triesInVain);

    protected async Task ObtainAsync(Uri address, TimeSpan readTimeout, CancellationToken? ct = null, int triesInVain = 5)
    {
        using var http = new HttpClient();
        var file = FileAt(address);
        var store = new ModelStore(new() { Cache = Root, ReadTimeout = readTimeout, TriesInVain = triesInVain }, http, Time, NullLogger<ModelStore>.Instance);
        await store.ObtainFileAsync(PackOf(file), file, ct ?? Cancelled);
    }

    protected static ModelFile FileAt(Uri address) =>
        new(ModelRole.Embed, "model.onnx", Convert.ToHexStringLower(SHA256.HashData(Right)), Right.Length, address, "none");

    protected static ModelPack PackOf(ModelFile file) => ModelPack.Standard with { Id = "test", Files = [file] };

    /// <summary>Lets time pass until it is done.</summary>
    protected async Task PassAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancelled));
        }

        await task;
    }

    protected static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!condition()) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }


    protected void AssertWholeAndAlone()
    {
        Assert.Equal(Right, File.ReadAllBytes(Cached));
        Assert.Equal([Cached], FilesThere());
    }

    private IEnumerable<string> FilesThere() =>
        Directory.EnumerateFiles(Path.GetDirectoryName(Cached)!).Where(file => Path.GetFileName(file) != "download.lock");
}
