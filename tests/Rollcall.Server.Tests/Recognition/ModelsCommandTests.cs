using System.Diagnostics;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Faces.Models;

namespace Rollcall.Server.Tests.Recognition;

/// <summary><c>models</c> as a process of its own.</summary>
public sealed class ModelsCommandTests
{
    [Fact]
    public async Task List_names_each_pack_and_file_with_size_licence_source_and_place()
    {
        using var folder = new TestFolder();

        var (code, output, _) = await RunAsync("list", "--data", folder.Path, "--Models:Mirror", Assets.Models);

        Assert.Equal(0, code);
        foreach (var pack in ModelPack.All)
        {
            Assert.Contains($"{pack.Id}: {pack.Dimensions} numbers", output, StringComparison.Ordinal);
            foreach (var file in pack.Files)
            {
                foreach (var part in new[] { file.Name, file.Sha256, file.Licence, $"{file.Bytes:N0} bytes", file.Source?.ToString() ?? "none" })
                    Assert.Contains(part, output, StringComparison.Ordinal);
            }
        }

        Assert.Contains(Path.Combine(Assets.Models, "standard", "MobileFaceNet.onnx"), output, StringComparison.Ordinal);
        Assert.Contains("not run by the makers", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Check_ends_with_1_and_says_what_is_missing_or_wrong_until_pull_has_brought_it()
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "data");
        var cached = Path.Combine(data, "models", "standard", "MobileFaceNet.onnx");

        var missing = await RunAsync("check", "--data", data);
        Assert.Equal(1, missing.Code);
        Assert.Contains("missing  embed    MobileFaceNet.onnx", missing.Output, StringComparison.Ordinal);
        Assert.Contains("missing  liveness 2.7_80x80_MiniFASNetV2.onnx (not needed to start)", missing.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));

        Assert.Equal(0, (await RunAsync("pull", "--data", data, "--Models:Mirror", Assets.Models, "--Models:AllowDownload=false")).Code);
        var there = await RunAsync("check", "standard", "--data", data);
        Assert.Equal(0, there.Code);
        Assert.Equal(3, there.Output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));

        await File.WriteAllTextAsync(cached, "not a model");
        var wrong = await RunAsync("check", "--data", data);
        Assert.Equal(1, wrong.Code);
        Assert.Contains($"wrong    embed    {cached} has 11 bytes", wrong.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mirror_of_the_files_that_are_needed_is_enough_to_start_and_pull_names_the_rest()
    {
        using var folder = new TestFolder();
        var (mirror, data) = (Path.Combine(folder.Path, "mirror"), Path.Combine(folder.Path, "data"));
        Directory.CreateDirectory(mirror);
        foreach (var file in ModelPack.Retail.Files.Where(ModelPack.Retail.Needs))
            File.Copy(Path.Combine(Assets.Models, "retail", file.Name), Path.Combine(mirror, file.Name));

        Assert.Equal(0, (await RunAsync("check", "retail", "--data", data, "--Models:Mirror", mirror)).Code);
        await using var server = await ServerProcess.StartAsync(data, mirror, "--Models:Pack=retail");

        // Beside the server that runs, on its folder.
        var pulled = await RunAsync("pull", "--Models:Pack=retail", "--data", data, "--Models:Mirror", mirror);
        Assert.Equal(1, pulled.Code);
        Assert.Equal(3, pulled.Output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
        Assert.Contains("missing  liveness 4_0_0_80x80_MiniFASNetV1SE.onnx (not needed to start)", pulled.Output, StringComparison.Ordinal);
        Assert.Contains("What to do", pulled.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
    }

    [Theory]
    [InlineData("check")]
    [InlineData("pull")]
    public async Task The_built_in_pack_is_there_without_a_mirror(string verb)
    {
        using var folder = new TestFolder();

        var (code, output, _) = await RunAsync(verb, "compact", "--data", folder.Path, "--Models:AllowDownload=false");

        Assert.Equal(0, code);
        foreach (var file in ModelPack.Compact.Files)
            Assert.Contains(Path.Combine(AppContext.BaseDirectory, "built-in", file.Name), output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 2, "models pull [PACK]")]
    [InlineData("fetch", 2, "models pull [PACK]")]
    [InlineData("list standard", 2, "models pull [PACK]")]
    [InlineData("pull nonesuch", 1, "standard, retail, opencv-zoo, compact")]
    [InlineData("check --Models:Miror=x", 1, "Miror")]
    [InlineData("--help", 0, "models pull [PACK]")]
    public async Task What_it_does_not_understand_it_says(string arguments, int code, string said)
    {
        var (ended, output, errors) = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(code, ended);
        Assert.Contains(said, code == 0 ? output : errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Rollcall.Server.dll"), "models", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("Rollcall__", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
