using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Rollcall.Server.Tests.Hosting;

/// <summary>The commands of README's "First calls", word by word, in a folder as it asks for.</summary>
public sealed partial class ReadmeTests
{
    private const string Section = "## First calls";
    private const string Address = "http://127.0.0.1:8080";

    [Fact]
    public async Task First_calls_enrol_a_folder_and_recognise_one_of_two_people()
    {
        foreach (var program in new[] { "bash", "curl", "node" }) Assets.RequireProgram(program);
        using var folder = new TestFolder();
        var people = LayOut(folder.Path);
        await using var host = await TestHost.StartAsync();

        var output = await Script.RunAsync(
            "bash",
            ["-euo", "pipefail", "-c", Commands().Replace(Address, host.Address.ToString().TrimEnd('/'), StringComparison.Ordinal)],
            folder.Path);

        var answers = output.Split('\n');
        Assert.Contains("0 anna enrolled face_", output, StringComparison.Ordinal);
        Assert.Contains("1 bert enrolled face_", output, StringComparison.Ordinal);
        Assert.Single(answers, line => MatchOfAnna().IsMatch(line));
        Assert.Single(answers, line => ReferenceOfAnna().IsMatch(line));
        Assert.Contains($"{people} photographs", answers);
        Assert.Contains(answers, line => line.Contains("\"status\":\"done\"", StringComparison.Ordinal)
            && line.Contains($"\"processed\":{people},\"succeeded\":{people},\"failed\":0", StringComparison.Ordinal));
        Assert.DoesNotContain("\"success\":false", output, StringComparison.Ordinal);
    }

    [Fact]
    public void First_calls_are_there_and_name_the_default_address() => Assert.Contains(Address, Commands(), StringComparison.Ordinal);

    /// <summary>The bash blocks of the section, in their order.</summary>
    private static string Commands([CallerFilePath] string here = "")
    {
        var readme = File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "README.md")).ReplaceLineEndings("\n");
        var start = readme.IndexOf(Section, StringComparison.Ordinal);
        Assert.True(start >= 0, $"README.md has no '{Section}' any more.");
        var end = readme.IndexOf("\n## ", start + Section.Length, StringComparison.Ordinal);
        return string.Join("\n", BashBlock().Matches(readme[start..end]).Select(block => block.Groups["text"].Value));
    }

    /// <summary>Photographs under the names that README uses; a name that a careless command line would trip over is among them.</summary>
    private static int LayOut(string folder)
    {
        File.Copy(Assets.Lfw("George_W_Bush"), Path.Combine(folder, "anna.jpg"));
        File.Copy(Assets.Lfw("Colin_Powell"), Path.Combine(folder, "bert.jpg"));
        File.Copy(Assets.Lfw("George_W_Bush", 3), Path.Combine(folder, "anna-today.jpg"));

        string[] people =
        [
            "Tony_Blair", "Gerhard_Schroeder", "Serena_Williams", "Jacques_Chirac", "Vladimir_Putin", "Jennifer_Capriati", "Kofi_Annan",
            "Laura_Bush", "Hans_Blix", "Andre_Agassi", "Roger_Federer",
        ];
        foreach (var person in people)
        {
            var own = Directory.CreateDirectory(Path.Combine(folder, "photos", person)).FullName;
            File.Copy(Assets.Lfw(person), Path.Combine(own, $"{person}_0001.jpg"));
        }

        File.Copy(Assets.Lfw("Tiger_Woods"), Path.Combine(folder, "photos", "@Woods, Tiger; golf.jpg"));
        return people.Length + 1;
    }

    [GeneratedRegex(@"^```bash\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex BashBlock();

    [GeneratedRegex("\"matches\":\\[\\{\"face_id\":\"face_[0-9a-z]+\",\"external_id\":\"anna\",\"similarity\":0\\.[5-9]")]
    private static partial Regex MatchOfAnna();

    [GeneratedRegex("\"faces\":\\[\\{\"face_id\":\"face_[0-9a-z]+\"[^}]*\"external_id\":\"anna\"")]
    private static partial Regex ReferenceOfAnna();
}
