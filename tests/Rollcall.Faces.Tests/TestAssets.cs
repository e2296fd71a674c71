using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Faces.Models;

namespace Rollcall.Faces.Tests;

/// <summary>
/// Models and photographs, which are no part of the repository: a test that lacks them skips on a laptop and fails on CI.
/// </summary>
internal static class TestAssets
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<FaceEngine>>> SharedEngines = new();

    public static string Models => Folder("ROLLCALL_TEST_MODELS", "a mirror of model packs");

    public static string Faces => Folder("ROLLCALL_TEST_FACES", "the photographs (lfw/, samples/, pairs.txt)");

    /// <summary>One engine of a pack for all tests: it is safe for all of them at once, and loading it is what costs.</summary>
    public static Task<FaceEngine> EngineAsync(string pack = "standard")
    {
        // A skipped test must not leave its failure behind for the others.
        if (!ModelPack.Find(pack)!.BuiltIn)
            _ = Models;
        return SharedEngines.GetOrAdd(pack, id => new(async () => new(await InstallAsync(id)))).Value;
    }

    public static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(Faces, "samples", name));

    public static TheoryData<string> SamplesIn(string folder)
    {
        // Discovery must not skip or fail: without the photographs one row remains, and the test that gets it skips.
        var root = Environment.GetEnvironmentVariable("ROLLCALL_TEST_FACES");
        var data = new TheoryData<string>();
        string[] files = root is null ? ["none"] : [.. Directory.EnumerateFiles(Path.Combine(root, "samples", folder)).Order()];
        foreach (var file in files)
            data.Add($"{folder}/{Path.GetFileName(file)}");
        return data;
    }

    public static Task<InstalledPack> InstallAsync(string id)
    {
        var pack = ModelPack.Find(id)!;
        var options = new ModelStoreOptions
        {
            Cache = Path.Combine(Path.GetTempPath(), "rollcall-test-models"),
            Mirror = pack.BuiltIn ? null : Models,
            AllowDownload = false,
        };
        return new ModelStore(options, new HttpClient(), TimeProvider.System, NullLogger<ModelStore>.Instance)
            .ObtainAsync(pack, TestContext.Current.CancellationToken);
    }

    private static string Folder(string variable, string what)
    {
        var folder = Environment.GetEnvironmentVariable(variable);
        if (folder is not null)
            return folder;
        var reason = $"{variable} is not set; it names the folder with {what}.";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(reason);
        Assert.Skip(reason);
        throw new InvalidOperationException("Skipping returns nowhere.");
    }
}
