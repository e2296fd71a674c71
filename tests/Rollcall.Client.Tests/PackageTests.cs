using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;

namespace Rollcall.Client.Tests;

/// <summary>What <c>dotnet pack</c> makes of what is built.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-pack").FullName;

    private static string Root => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", ".."));

    [Theory]
    [InlineData("Rollcall.Client")]
    [InlineData("Rollcall.Client.DependencyInjection", "Rollcall.Client", "Microsoft.Extensions.Http.Resilience")]
    public async Task A_package_has_what_its_users_need_and_depends_on_no_more_than_it_must(string name, params string[] dependencies)
    {
        await PackAsync(name);

        using var package = await ZipFile.OpenReadAsync(Assert.Single(Directory.GetFiles(_folder, "*.nupkg")), TestContext.Current.CancellationToken);
        string[] expected = ["LICENSE", "README.md", $"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml", $"{name}.nuspec"];
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            package.Entries.Select(entry => entry.FullName).Where(file => !file.StartsWith("_rels/", StringComparison.Ordinal)
                && !file.StartsWith("package/", StringComparison.Ordinal) && file != "[Content_Types].xml").Order(StringComparer.Ordinal));

        var metadata = XDocument.Parse(Encoding.UTF8.GetString(Read(package, $"{name}.nuspec")).TrimStart('\uFEFF')).Root!.Elements().First();
        Assert.Equal(("Apache-2.0", "README.md"), (Of(metadata, "license"), Of(metadata, "readme")));
        Assert.All(["description", "authors", "tags", "version"], field => Assert.NotEqual("", Of(metadata, field)));
        Assert.Equal(
            dependencies.Order(StringComparer.Ordinal),
            metadata.Descendants().Where(one => one.Name.LocalName == "dependency").Select(one => one.Attribute("id")!.Value).Order(StringComparer.Ordinal));

        using var symbols = await ZipFile.OpenReadAsync(Assert.Single(Directory.GetFiles(_folder, "*.snupkg")), TestContext.Current.CancellationToken);
        AssertSaysNothingOfThisMachine(Read(package, $"lib/net10.0/{name}.dll"));
        AssertSaysNothingOfThisMachine(Read(symbols, $"lib/net10.0/{name}.pdb"));
    }

    /// <summary>The analyzers for trimming and compiling ahead of time, whose warnings are errors, run where these marks are set.</summary>
    [Fact]
    public void The_assemblies_say_that_they_may_be_trimmed_and_compiled_ahead_of_time()
    {
        foreach (var assembly in new[] { typeof(RollcallClient).Assembly, typeof(RollcallClientServices).Assembly })
        {
            var marks = assembly.GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(mark => mark.Key, mark => mark.Value);
            Assert.Equal(("True", "True"), (marks["IsTrimmable"], marks["IsAotCompatible"]));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task PackAsync(string project)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var start = new ProcessStartInfo("dotnet", ["pack", Path.Combine(Root, "src", project), "-c", configuration, "--no-build", "-o", _folder, "-v", "quiet", "-nodeReuse:false"])
        {
            RedirectStandardOutput = true,
        };
        using var pack = Process.Start(start)!;
        var output = await pack.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await pack.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(pack.ExitCode == 0, output);
    }

    private static string Of(XElement metadata, string field) => metadata.Elements().Single(one => one.Name.LocalName == field).Value;

    private static byte[] Read(ZipArchive package, string file)
    {
        using var entry = package.GetEntry(file)!.Open();
        using var content = new MemoryStream();
        entry.CopyTo(content);
        return content.ToArray();
    }

    private static void AssertSaysNothingOfThisMachine(byte[] file) =>
        Assert.False(file.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Root)) >= 0, "It names the folder that it was built in.");

    private static string Here([CallerFilePath] string here = "") => here;
}
