using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Packaging;

public sealed class ToolPackageTests
{
    [Fact]
    public async Task The_package_installs_from_a_folder_and_runs()
    {
        using var folder = new TestFolder();
        var feed = Path.Combine(folder.Path, "feed");
        await RunAsync("dotnet", "pack", Project(), "-c", "Release", "--no-build", "-nodeReuse:false", "-o", feed);

        var package = Assert.Single(Directory.EnumerateFiles(feed, "*.nupkg"));
        using (var content = await ZipFile.OpenReadAsync(package, TestContext.Current.CancellationToken))
        {
            Assert.Contains(content.Entries, entry => entry.FullName == "README.md");
            foreach (var system in (string[])["linux-x64", "linux-arm64", "osx", "win-x64"])
            {
                // A run keeps its plan in SQLite, and its report's pictures come from Skia.
                Assert.Contains(content.Entries, entry => IsNative(entry, system, "e_sqlite3"));
                Assert.Contains(content.Entries, entry => IsNative(entry, system, "SkiaSharp"));
            }
        }

        var tools = Path.Combine(folder.Path, "tools");
        await RunAsync("dotnet", "tool", "install", "Rollcall.Cli", "--tool-path", tools, "--source", feed);
        var tool = Path.Combine(tools, OperatingSystem.IsWindows() ? "rollcall.exe" : "rollcall");
        Assert.StartsWith("0.", await RunAsync(tool, "--version"), StringComparison.Ordinal);
        Assert.Contains("enrol", await RunAsync(tool, "--help"), StringComparison.Ordinal);
    }

    private static bool IsNative(ZipArchiveEntry entry, string system, string name) =>
        entry.FullName.Contains($"/runtimes/{system}", StringComparison.Ordinal) && entry.Name.Contains(name, StringComparison.Ordinal);

    private static string Project([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "src", "Rollcall.Cli"));

    private static async Task<string> RunAsync(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var told = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, told + await error);
        return told;
    }
}
