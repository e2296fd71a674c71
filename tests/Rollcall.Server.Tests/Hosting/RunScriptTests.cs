using System.Runtime.CompilerServices;

namespace Rollcall.Server.Tests.Hosting;

/// <summary><c>./run</c> with a <c>dotnet</c> that only says what it was given.</summary>
public sealed class RunScriptTests
{
    private const string Variable = "Rollcall__Models__AllowBuiltIn";

    [Theory]
    [InlineData(null, "true")]
    [InlineData("false", "false")]
    public async Task It_allows_the_built_in_pack_unless_the_caller_does_not(string? said, string allowed)
    {
        foreach (var program in new[] { "bash", "readlink" }) Assets.RequireProgram(program);
        using var folder = new TestFolder();
        var dotnet = Path.Combine(folder.Path, "dotnet");
        await File.WriteAllTextAsync(dotnet, $"#!/usr/bin/env bash\necho \"${Variable} $*\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var output = await Script.RunAsync(
            "bash",
            [Run(), "--Models:AllowBuiltIn=false"],
            folder.Path,
            ("PATH", $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}"),
            (Variable, said ?? ""));

        // The argument goes on to the server, where it wins over the variable.
        Assert.Matches($"^{allowed} .*Rollcall.Server.dll --Models:AllowBuiltIn=false --data ", output.Trim().Split('\n')[^1]);
    }

    private static string Run([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "run");
}
