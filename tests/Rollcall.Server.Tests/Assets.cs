using Rollcall.Benchmarks.Campaigns;

namespace Rollcall.Server.Tests;

/// <summary>Photographs and models from outside the repository. Without them a test is skipped on a laptop and fails on CI.</summary>
internal static class Assets
{
    public static string Models => Require("ROLLCALL_TEST_MODELS", "model packs");

    public static string Faces => Require("ROLLCALL_TEST_FACES", "photographs");

    /// <summary>The n-th LFW photograph of a person, counted from 1.</summary>
    public static string Lfw(string person, int n = 1) => Path.Combine(Faces, "lfw", person, $"{person}_{n:D4}.jpg");

    public static string Sample(string path) => Path.Combine(Faces, "samples", path);

    /// <summary>A program that the test runs besides the server.</summary>
    public static void RequireProgram(string name)
    {
        var folders = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, name)))) Miss($"needs the program {name} on the path");
    }

    public static SmallDisk MountDisk(int megabytes)
    {
        if (SmallDisk.TryMount(megabytes) is { } disk) return disk;

        Miss("needs the right to mount a small disk in memory (root on Linux)");
        throw new InvalidOperationException("Skipping returns nowhere.");
    }

    private static string Require(string variable, string what)
    {
        var folder = Environment.GetEnvironmentVariable(variable);
        if (folder is not null && Directory.Exists(folder)) return folder;

        Miss($"needs {what}: set {variable} to their folder");
        return "";
    }

    /// <summary>Something that the test needs is not there.</summary>
    public static void Miss(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail($"On CI nothing is skipped: {reason}");
        Assert.Skip(reason);
    }
}
