using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Faces.Models;

namespace Rollcall.Faces.Tests.Models;

public sealed class ModelStoreTests : IDisposable
{
    private static readonly byte[] Right = RandomNumberGenerator.GetBytes(200_000);
    private static readonly byte[] Wrong = [.. Right.AsEnumerable().Reverse()];
    private readonly string _root = Directory.CreateTempSubdirectory("rollcall-store-").FullName;

    private string Cached => Path.Combine(_root, "cache", "test", "model.onnx");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task The_configured_folder_is_used_in_place()
    {
        var path = Write(Path.Combine(_root, "folder", "model.onnx"), Right);
        Assert.Equal(path, await ObtainAsync(null, folder: "folder"));
        Assert.False(File.Exists(Cached));
    }

    [Fact]
    public async Task A_mirror_is_copied_into_the_cache_and_then_not_needed()
    {
        Write(Path.Combine(_root, "mirror", "test", "model.onnx"), Right);
        Assert.Equal(Cached, await ObtainAsync(null, mirror: "mirror"));
        Directory.Delete(Path.Combine(_root, "mirror"), recursive: true);
        Assert.Equal(Cached, await ObtainAsync(null, mirror: "mirror"));
        AssertWholeAndAlone();
    }

    [Fact]
    public async Task A_public_address_is_asked_once()
    {
        await using var server = new FileServer(HttpStatusCode.OK, Right);
        Assert.Equal(Cached, await ObtainAsync(server.Address));
        Assert.Equal(Cached, await ObtainAsync(server.Address));
        Assert.Equal(1, server.Requests);
        AssertWholeAndAlone();
    }

    [Fact]
    public async Task A_damaged_cache_is_replaced()
    {
        Write(Cached, Wrong);
        await using var server = new FileServer(HttpStatusCode.OK, Right);
        Assert.Equal(Cached, await ObtainAsync(server.Address));
        AssertWholeAndAlone();
    }

    [Theory]
    [InlineData("wrong"), InlineData("short"), InlineData("long")]
    public async Task Other_bytes_are_refused_and_removed(string fault)
    {
        byte[] body = fault switch
        {
            "short" => Right[..1000],
            "long" => [.. Right, 1],
            _ => Wrong,
        };
        await using var server = new FileServer(HttpStatusCode.OK, body);
        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => ObtainAsync(server.Address));
        Assert.Contains(server.Address.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Contains(fault == "wrong" ? "SHA-256" : "bytes", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(Cached)!));
    }

    [Fact]
    public async Task Every_place_that_was_tried_is_told()
    {
        Write(Path.Combine(_root, "folder", "model.onnx"), Wrong);
        Write(Path.Combine(_root, "mirror", "model.onnx"), Right[..10]);
        await using var server = new FileServer(HttpStatusCode.NotFound, []);
        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => ObtainAsync(server.Address, "folder", "mirror"));
        foreach (var part in new[] { "folder: ", "cache: ", "mirror: ", "answered 404", "SHA-256", "10 bytes", "What to do" })
            Assert.Contains(part, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_an_answer_too()
    {
        FileServer gone;
        await using (gone = new(HttpStatusCode.OK, Right))
        {
        }

        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => ObtainAsync(gone.Address));
        Assert.Contains("could not be read", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_asked_where_downloads_are_switched_off()
    {
        await using var server = new FileServer(HttpStatusCode.OK, Right);
        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => ObtainAsync(server.Address, download: false));
        Assert.Contains("switched off", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task An_unknown_pack_names_the_known_ones()
    {
        var store = Store(new() { Pack = "nonesuch", Cache = _root });
        var ct = TestContext.Current.CancellationToken;
        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => store.ObtainAsync(ct));
        Assert.Contains("standard", failure.Message, StringComparison.Ordinal);
    }

    private async Task<string> ObtainAsync(Uri? source, string? folder = null, string? mirror = null, bool download = true)
    {
        var file = new ModelFile(
            ModelRole.Embed, "model.onnx", Convert.ToHexStringLower(SHA256.HashData(Right)), Right.Length, source, "none");
        var pack = ModelPack.Standard with { Id = "test", Files = [file] };
        var store = Store(new()
        {
            Folder = folder is null ? null : Path.Combine(_root, folder),
            Mirror = mirror is null ? null : Path.Combine(_root, mirror),
            Cache = Path.Combine(_root, "cache"),
            AllowDownload = download,
        });
        return (await store.InstallAsync(pack, TestContext.Current.CancellationToken)).Paths[ModelRole.Embed];
    }

    private static ModelStore Store(ModelStoreOptions options) =>
        new(options, new HttpClient(), TimeProvider.System, NullLogger<ModelStore>.Instance);

    private static string Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private void AssertWholeAndAlone()
    {
        Assert.Equal(Right, File.ReadAllBytes(Cached));
        Assert.Single(Directory.EnumerateFiles(Path.GetDirectoryName(Cached)!));
    }
}
