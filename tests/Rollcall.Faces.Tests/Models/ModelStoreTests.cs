using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
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
        await using var server = await FileServer.StartAsync(FileServer.Whole(Right));
        Assert.Equal(Cached, await ObtainAsync(server.Address));
        Assert.Equal(Cached, await ObtainAsync(server.Address));
        Assert.Single(server.Asked);
        AssertWholeAndAlone();
    }

    [Fact]
    public async Task A_damaged_cache_is_replaced()
    {
        Write(Cached, Wrong);
        await using var server = await FileServer.StartAsync(FileServer.Whole(Right));
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
        await using var server = await FileServer.StartAsync(FileServer.Whole(body));
        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => ObtainAsync(server.Address));
        Assert.Contains(server.Address.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Contains(fault == "wrong" ? "SHA-256" : "bytes", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(Cached)!, "model*"));
    }

    [Fact]
    public async Task Every_place_that_was_tried_is_told()
    {
        Write(Path.Combine(_root, "folder", "model.onnx"), Wrong);
        Write(Path.Combine(_root, "mirror", "model.onnx"), Right[..10]);
        await using var server = await FileServer.StartAsync(FileServer.Only(404));
        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => ObtainAsync(server.Address, "folder", "mirror"));
        foreach (var part in new[] { "folder: ", "cache: ", "mirror: ", "answered 404", "SHA-256", "10 bytes", "What to do" })
            Assert.Contains(part, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_asked_where_downloads_are_switched_off()
    {
        await using var server = await FileServer.StartAsync(FileServer.Whole(Right));
        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => ObtainAsync(server.Address, download: false));
        Assert.Contains("switched off", failure.Message, StringComparison.Ordinal);
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task A_file_that_is_not_needed_to_start_is_taken_where_it_lies_and_a_start_without_it_says_so()
    {
        var (needed, spare) = (FileOf(ModelRole.Embed, "model.onnx", Right, null), FileOf(ModelRole.Liveness, "spare.onnx", Wrong, null));
        var pack = ModelPack.Standard with { Id = "test", Files = [needed, spare] };
        Write(Path.Combine(_root, "mirror", "model.onnx"), Right);
        var log = new WarningLog();
        var store = new ModelStore(new() { Mirror = Path.Combine(_root, "mirror"), Cache = Path.Combine(_root, "cache") }, new HttpClient(), TimeProvider.System, log);
        var ct = TestContext.Current.CancellationToken;

        Assert.Equal([needed], (await store.ObtainAsync(pack, ct)).Files.Select(file => file.File));
        Assert.Contains("spare.onnx", Assert.Single(log.Warnings), StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => store.ObtainFileAsync(pack, spare, ct));
        Assert.Contains("this file has none", missing.Message, StringComparison.Ordinal);

        Write(Path.Combine(_root, "mirror", "spare.onnx"), Wrong);
        var installed = await store.ObtainAsync(pack, ct);
        Assert.Equal([needed, spare], installed.Files.Select(file => file.File));
        Assert.Equal(Wrong, await File.ReadAllBytesAsync(installed.Find(spare)!, ct));
        Assert.Single(log.Warnings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Its_public_address_is_asked_by_a_start_that_fetches_the_rest_and_not_by_one_that_has_all_it_needs(bool isFirst)
    {
        await using var needs = await FileServer.StartAsync(FileServer.Whole(Right));
        await using var spares = await FileServer.StartAsync(FileServer.Whole(Wrong));
        var (needed, spare) = (FileOf(ModelRole.Embed, "model.onnx", Right, needs.Address), FileOf(ModelRole.Liveness, "spare.onnx", Wrong, spares.Address));
        if (!isFirst) Write(Cached, Right);

        var installed = await Store(new() { Cache = Path.Combine(_root, "cache") })
            .ObtainAsync(ModelPack.Standard with { Id = "test", Files = [needed, spare] }, TestContext.Current.CancellationToken);

        Assert.Equal(isFirst ? 1 : 0, spares.Asked.Count);
        Assert.Equal(isFirst, installed.Find(spare) is not null);
    }

    [Fact]
    public async Task A_first_start_that_cannot_have_it_starts_all_the_same()
    {
        await using var needs = await FileServer.StartAsync(FileServer.Whole(Right));
        await using var spares = await FileServer.StartAsync(FileServer.Only(404));
        var (needed, spare) = (FileOf(ModelRole.Embed, "model.onnx", Right, needs.Address), FileOf(ModelRole.Liveness, "spare.onnx", Wrong, spares.Address));

        var installed = await Store(new() { Cache = Path.Combine(_root, "cache") })
            .ObtainAsync(ModelPack.Standard with { Id = "test", Files = [needed, spare] }, TestContext.Current.CancellationToken);

        Assert.Equal([needed], installed.Files.Select(file => file.File));
    }

    [Theory]
    [InlineData("It was not run.")]
    [InlineData(null)]
    public async Task What_is_to_be_known_about_a_pack_is_a_warning_at_each_start(string? caveat)
    {
        Write(Cached, Right);
        var log = new WarningLog();
        var store = new ModelStore(new() { Cache = Path.Combine(_root, "cache") }, new HttpClient(), TimeProvider.System, log);
        var pack = ModelPack.Standard with { Id = "test", Files = [FileOf(ModelRole.Embed, "model.onnx", Right, null)], Caveat = caveat };

        await store.ObtainAsync(pack, TestContext.Current.CancellationToken);

        Assert.Equal(caveat is null ? [] : [$"Model pack test: {caveat}"], log.Warnings);
    }

    [Fact]
    public async Task A_look_tells_right_and_wrong_copies_and_changes_nothing()
    {
        var file = FileOf(ModelRole.Embed, "model.onnx", Right, null);
        var pack = ModelPack.Standard with { Id = "test", Files = [file] };
        Write(Cached, Wrong);
        var right = Write(Path.Combine(_root, "mirror", "test", "model.onnx"), Right);
        var store = Store(new() { Mirror = Path.Combine(_root, "mirror"), Cache = Path.Combine(_root, "cache") });

        var copies = await store.LookAsync(pack, file, TestContext.Current.CancellationToken);

        Assert.Equal([Cached, right], copies.Select(copy => copy.Path));
        Assert.Contains("SHA-256", copies[0].Fault, StringComparison.Ordinal);
        Assert.Null(copies[1].Fault);
        Assert.Equal(Wrong, await File.ReadAllBytesAsync(Cached, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Each_pack_has_its_models_once_and_pins_every_file()
    {
        foreach (var pack in ModelPack.All)
        {
            Assert.Same(pack, ModelPack.Find(pack.Id));
            foreach (var role in new[] { ModelRole.Detect, ModelRole.Embed }) Assert.Single(pack.Files, file => file.Role == role && pack.Needs(file));
            Assert.Equal(pack.QualityModel is not null, pack.Files.Any(file => file.Role == ModelRole.Quality && pack.Needs(file)));
            Assert.Equal(pack.Files.Count, pack.Files.Select(file => file.Name).Distinct().Count());
            Assert.All(pack.Files, file => Assert.True(file.Sha256.Length == 64 && file.Bytes > 0 && file.Licence.Length > 0));
            Assert.All(pack.Files, file => Assert.True(file.Source is null || file.Source.Scheme == Uri.UriSchemeHttps));
            Assert.Equal(10, pack.Embedder.Template.Count);
            Assert.InRange(pack.Calibration.IdentityGuard, 0.01, 0.49);
        }
    }

    [Fact]
    public async Task A_built_in_pack_lies_beside_the_program_and_is_looked_for_nowhere_else()
    {
        var store = Store(new() { Folder = _root, Mirror = _root, Cache = _root });
        var ct = TestContext.Current.CancellationToken;
        foreach (var file in ModelPack.Compact.Files)
            Write(Path.Combine(_root, file.Name), Right);

        var installed = await store.ObtainAsync(ModelPack.Compact, ct);

        Assert.All(installed.Files, file => Assert.StartsWith(AppContext.BaseDirectory, file.Path, StringComparison.Ordinal));
        Assert.All(installed.Files, file => Assert.Equal(file.File.Bytes, new FileInfo(file.Path).Length));
        var copy = Assert.Single(await store.LookAsync(ModelPack.Compact, ModelPack.Compact.Files[0], ct));
        Assert.Null(copy.Fault);
        Assert.InRange(ModelPack.Compact.Files.Sum(file => file.Bytes), 1, 3_000_000);

        var other = ModelPack.Compact with { Files = [FileOf(ModelRole.Embed, ModelPack.Compact.Files[1].Name, Right, null)] };
        var failure = await Assert.ThrowsAsync<ModelPackUnavailableException>(() => store.ObtainAsync(other, ct));
        Assert.Contains("Build or install the program anew", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("cache")]
    [InlineData("mirror")]
    public async Task A_file_that_is_there_and_wrong_is_a_warning_though_another_place_has_it(string place)
    {
        var wrong = place == "cache" ? Write(Cached, Wrong) : Write(Path.Combine(_root, place, "model.onnx"), Wrong);
        await using var server = await FileServer.StartAsync(FileServer.Whole(Right));
        var log = new WarningLog();
        var options = new ModelStoreOptions
        {
            Folder = Path.Combine(_root, "folder"),
            Mirror = Path.Combine(_root, "mirror"),
            Cache = Path.Combine(_root, "cache"),
        };
        var store = new ModelStore(options, new HttpClient(), TimeProvider.System, log);

        await store.ObtainAsync(
            ModelPack.Standard with { Id = "test", Files = [FileOf(ModelRole.Embed, "model.onnx", Right, server.Address)] },
            TestContext.Current.CancellationToken);

        Assert.Contains(wrong, Assert.Single(log.Warnings), StringComparison.Ordinal);
    }

    private async Task<string> ObtainAsync(Uri? source, string? folder = null, string? mirror = null, bool download = true)
    {
        var file = FileOf(ModelRole.Embed, "model.onnx", Right, source);
        var pack = ModelPack.Standard with { Id = "test", Files = [file] };
        var store = Store(new()
        {
            Folder = folder is null ? null : Path.Combine(_root, folder),
            Mirror = mirror is null ? null : Path.Combine(_root, mirror),
            Cache = Path.Combine(_root, "cache"),
            AllowDownload = download,
        });
        return (await store.ObtainAsync(pack, TestContext.Current.CancellationToken)).PathOf(ModelRole.Embed);
    }

    private static ModelFile FileOf(ModelRole role, string name, byte[] content, Uri? source) =>
        new(role, name, Convert.ToHexStringLower(SHA256.HashData(content)), content.Length, source, "none");

    private static ModelStore Store(ModelStoreOptions options) =>
        new(options, new HttpClient(), TimeProvider.System, NullLogger<ModelStore>.Instance);

    private static string Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private sealed class WarningLog : ILogger<ModelStore>
    {
        public List<string> Warnings { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning) Warnings.Add(formatter(state, exception));
        }
    }

    private void AssertWholeAndAlone()
    {
        Assert.Equal(Right, File.ReadAllBytes(Cached));
        Assert.Single(Directory.EnumerateFiles(Path.GetDirectoryName(Cached)!, "model*"));
    }
}
