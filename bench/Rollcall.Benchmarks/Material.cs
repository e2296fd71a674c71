using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Faces;
using Rollcall.Faces.Models;

namespace Rollcall.Benchmarks;

/// <summary>The models and photographs, from the same two variables as the tests: they are no part of the repository.</summary>
internal static class Material
{
    public static string Faces => Folder("ROLLCALL_TEST_FACES", "the photographs: lfw/, samples/, pairs.txt");

    public static string Models => Folder("ROLLCALL_TEST_MODELS", "a mirror of model packs");

    public static InstalledPack Install(string id = "standard")
    {
        var pack = ModelPack.Find(id) ?? throw new InvalidOperationException($"There is no model pack '{id}'.");
        var options = new ModelStoreOptions
        {
            Cache = Path.Combine(Path.GetTempPath(), "rollcall-bench-models"),
            Mirror = pack.BuiltIn ? null : Models,
            AllowDownload = false,
        };
        var store = new ModelStore(options, new HttpClient(), TimeProvider.System, NullLogger<ModelStore>.Instance);
        return store.ObtainAsync(pack, CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>The pack that <c>--pack</c> names, with the files of <c>--from</c> (whatever they hold) and the <c>--threshold</c> for faces where those are given.</summary>
    public static InstalledPack Install(string[] args)
    {
        var id = PackOf(args);
        var installed = ValueOf(args, "--from") is { } folder && ModelPack.Find(id) is { } candidate
            ? new InstalledPack(candidate, [.. candidate.Files.Where(candidate.Needs).Select(file => (file, Path.Combine(folder, file.Name)))])
            : Install(id);
        return ValueOf(args, "--threshold") is { } threshold
            ? installed with { Pack = installed.Pack with { DetectionThreshold = double.Parse(threshold, CultureInfo.InvariantCulture) } }
            : installed;
    }

    public static FaceEngine Engine(string pack = "standard") => new(Install(pack));

    /// <summary>An engine with the pack that <c>--pack</c> names, else with the standard one.</summary>
    public static FaceEngine Engine(string[] args) => new(Install(args));

    /// <summary>What <c>--seed</c> names, else another one each time; it is printed, so that a run can be repeated.</summary>
    public static int SeedOf(string[] args) => ValueOf(args, "--seed") is { } seed ? int.Parse(seed, CultureInfo.InvariantCulture) : Random.Shared.Next();

    public static string PackOf(string[] args) => ValueOf(args, "--pack") ?? "standard";

    public static string? ValueOf(string[] args, string option) =>
        Array.IndexOf(args, option) is var at and >= 0
            ? args.ElementAtOrDefault(at + 1) ?? throw new InvalidOperationException($"{option} takes a value.")
            : null;

    private static string Folder(string variable, string what) =>
        Environment.GetEnvironmentVariable(variable)
        ?? throw new InvalidOperationException($"Set {variable} to the folder with {what}.");
}
