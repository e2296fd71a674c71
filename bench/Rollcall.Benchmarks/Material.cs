using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Faces;
using Rollcall.Faces.Models;

namespace Rollcall.Benchmarks;

/// <summary>The models and photographs, from the same two variables as the tests: they are no part of the repository.</summary>
internal static class Material
{
    public static string Faces => Folder("ROLLCALL_TEST_FACES", "the photographs: lfw/, samples/, pairs.txt");

    public static string Models => Folder("ROLLCALL_TEST_MODELS", "a mirror of model packs");

    public static InstalledPack Install(string pack = "standard")
    {
        var store = new ModelStore(
            new()
            {
                Pack = pack,
                Cache = Path.Combine(Path.GetTempPath(), "rollcall-bench-models"),
                Mirror = Models,
                AllowDownload = false,
            },
            new HttpClient(),
            TimeProvider.System,
            NullLogger<ModelStore>.Instance);
        return store.ObtainAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    public static FaceEngine Engine(string pack = "standard") => new(Install(pack));

    /// <summary>An engine with the pack that <c>--pack</c> names, else with the standard one.</summary>
    public static FaceEngine Engine(string[] args) => Engine(PackOf(args));

    public static string PackOf(string[] args) =>
        Array.IndexOf(args, "--pack") is var at and >= 0
            ? args.ElementAtOrDefault(at + 1) ?? throw new InvalidOperationException("--pack takes the pack's id.")
            : "standard";

    private static string Folder(string variable, string what) =>
        Environment.GetEnvironmentVariable(variable)
        ?? throw new InvalidOperationException($"Set {variable} to the folder with {what}.");
}
