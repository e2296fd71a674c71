using System.Reflection;
using System.Runtime.CompilerServices;
using Rollcall.Server.Tests.Hosting;

namespace Rollcall.Server.Tests.Enrolment;

/// <summary><c>bench/mutants/run</c> takes many minutes; that its patches still fit what they break is seen here.</summary>
public sealed class MutantTests
{
    private static string Root([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..");

    public static TheoryData<string> Mutants =>
        [.. Directory.EnumerateFiles(Path.Combine(Root(), "bench", "mutants"), "*.patch").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Mutants))]
    public async Task Each_still_applies_and_names_tests_that_are_there(string mutant)
    {
        Assets.RequireProgram("git");
        var patch = Path.Combine(Root(), "bench", "mutants", mutant);
        var red = (await File.ReadAllLinesAsync(patch)).Single(line => line.StartsWith("Red: ", StringComparison.Ordinal))["Red: ".Length..].Split(' ');

        Assert.NotEmpty(red);
        Assert.Subset(Assembly.GetExecutingAssembly().GetTypes().Select(type => type.Name).ToHashSet(StringComparer.Ordinal), red.ToHashSet(StringComparer.Ordinal));

        // Against a copy of the sources, which is no repository, so that it does not matter whether this one is.
        using var copy = new TestFolder();
        foreach (var file in Touched(await File.ReadAllLinesAsync(patch)))
        {
            Assert.StartsWith("src/Rollcall.Server/", file, StringComparison.Ordinal); // the script builds nothing else again
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy.Path, file))!);
            File.Copy(Path.Combine(Root(), file), Path.Combine(copy.Path, file));
        }

        await Script.RunAsync("git", ["apply", "--check", patch], copy.Path, ("GIT_CEILING_DIRECTORIES", Path.GetTempPath()));
    }

    private static IEnumerable<string> Touched(IEnumerable<string> patch) =>
        patch.Where(line => line.StartsWith("--- a/", StringComparison.Ordinal)).Select(line => line["--- a/".Length..]);
}
