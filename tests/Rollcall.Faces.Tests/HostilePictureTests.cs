using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Rollcall.Faces.Tests;

public sealed class HostilePictureTests
{
    /// <summary>A short form of the benchmark "images", which has 100,000. It is a program of its own, for a picture that does harm may end it.</summary>
    [Fact]
    public async Task A_thousand_mutated_photographs_end_no_process_hang_nowhere_and_stay_within_the_memory_limit()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("reads the kernel's high-water mark from /proc");
        _ = (TestAssets.Faces, TestAssets.Models);
        var program = Benchmarks();
        Assert.True(File.Exists(program), "Build the solution first, as ./test does: this test runs the benchmarks' program.");

        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, "images", "--count", "1000", "--seed", "20261125"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, $"{output}\n{await errors}");
        Assert.Contains("1000 done", output, StringComparison.Ordinal);
        Assert.Contains("0 complaints", output, StringComparison.Ordinal);
    }

    private static string Benchmarks([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "bench", "Rollcall.Benchmarks", "bin", "Release", "net10.0", "Rollcall.Benchmarks.dll");
}
