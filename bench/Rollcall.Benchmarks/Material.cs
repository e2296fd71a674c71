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

    public static FaceEngine Engine() => new(Install());

    private static string Folder(string variable, string what) =>
        Environment.GetEnvironmentVariable(variable)
        ?? throw new InvalidOperationException($"Set {variable} to the folder with {what}.");
}
