using System.Text.Json;
using System.Text.RegularExpressions;
using Dapper;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Hosting;

/// <summary>Every example of docs/api.md, word by word: the blocks of each language, in their order, are one program.</summary>
public sealed partial class ApiReferenceTests
{
    private const string Address = "http://127.0.0.1:8080";
    private const int MostNotRun = 5;

    [Fact]
    public async Task The_curl_examples_run_from_the_first_to_the_last()
    {
        foreach (var program in new[] { "bash", "curl" }) Assets.RequireProgram(program);
        using var folder = Photographs();
        await using var host = await TestHost.StartAsync();

        var session = Program("sh", "\necho\n").Replace(Address, host.Address.ToString().TrimEnd('/'), StringComparison.Ordinal);
        var output = await Script.RunAsync("bash", ["-euo", "pipefail", "-c", session], folder.Path);

        Assert.DoesNotContain("\"success\":false", output, StringComparison.Ordinal);
        Assert.Matches("\"matches\":\\[\\{\"face_id\":\"face_[0-9a-z]+\",\"external_id\":\"anna\"", output);
        Assert.Contains("\"verified\":true", output, StringComparison.Ordinal);
        Assert.Contains("\"valid\":true", output, StringComparison.Ordinal);
        Assert.Matches("\"deleted\":true,\"collections\":[0-9]+,\"faces\":[0-9]+,\"persons\":1,", output); // anna alone was left in the end
        Assert.EndsWith("\nanna enrolled\nbert enrolled\ncarl failed\n\nanna replaced\ncarl enrolled\n\ndora enrolled\n", BeforeLastLine(output), StringComparison.Ordinal);
        Assert.Equal(["bert", "carl", "dora"], await EnrolledAsync(host));
    }

    [Theory]
    [InlineData("js", "node", "example.mjs")]
    [InlineData("python", "python3", "example.py")]
    [InlineData("csharp", "dotnet", "Rollcall.Examples.dll")]
    public async Task The_same_in_another_language_runs_as_one_program(string language, string program, string file)
    {
        Assets.RequireProgram(program);
        using var folder = Photographs();
        await using var host = await TestHost.StartAsync();
        if (language == "csharp") file = Path.Combine(AppContext.BaseDirectory, file);
        else await File.WriteAllTextAsync(Path.Combine(folder.Path, file), Program(language, "\n"));

        var output = await Script.RunAsync(program, [file], folder.Path, ("ROLLCALL", new Uri(host.Address, "/api/v1").ToString()));

        var lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(["anna enrolled ", "bert enrolled ", "told anna enrolled", "told bert enrolled"], lines[..4]);
        lines = lines[2..];
        Assert.Matches("^appended face_[0-9a-z]+$", lines[2]);
        Assert.Matches(@"^enrolled bert-2 0\.\d+$", lines[3]);
        Assert.Equal("DUPLICATE_EXTERNAL_ID", lines[4]);
        Assert.Matches(@"^1 anna (1|0\.9\d*)(\.0)?$", lines[5]);
        Assert.Equal(["it is not bert", "faces of anna anna bert bert-2", "metadata HR", "erased 2", "the log holds true"], lines[6..11]);
        Assert.Equal(
            [
                "better anna replaced", "better carl enrolled", "import anna enrolled ", "import bert enrolled ", "import carl failed MULTIPLE_FACES",
                "sync anna erased", "sync dora enrolled",
            ],
            lines[11..].Order(StringComparer.Ordinal)); // Events tell in the order in which photographs were done with.
        Assert.Equal(["bert", "bert-2", "carl", "dora"], await EnrolledAsync(host));
    }

    [Fact]
    public void The_compiled_example_is_the_one_of_the_reference() =>
        Assert.Equal(Program("csharp", "\n"), Repository.Read("docs", "examples", "Program.cs"));

    [Fact]
    public void Every_block_is_an_example_that_runs_or_an_answer_and_few_are_marked_as_neither()
    {
        var blocks = AnyBlock().Matches(Reference()).ToList();
        Assert.Equal(0, Fence().Count(Reference()) % 2);
        Assert.Equal(Fence().Count(Reference()) / 2, blocks.Count);

        string[] known = ["sh", "js", "python", "csharp", "json", "sh not-run", "js not-run", "python not-run", "http", "text", ""];
        Assert.All(blocks, block => Assert.Contains(block.Groups["language"].Value, known));
        Assert.InRange(blocks.Count(block => block.Groups["language"].Value.EndsWith("not-run", StringComparison.Ordinal)), 0, MostNotRun);
        foreach (var block in blocks.Where(block => block.Groups["language"].Value == "json")) JsonDocument.Parse(block.Groups["text"].Value).Dispose();
        foreach (var language in new[] { "sh", "js", "python", "csharp" }) Assert.InRange(blocks.Count(block => block.Groups["language"].Value == language), 13, 100);
    }

    private static string Program(string language, string between) => string.Join(
        between, AnyBlock().Matches(Reference()).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["text"].Value));

    private static string Reference() => Repository.Read("docs", "api.md");

    private static string BeforeLastLine(string output) => output[..(output.LastIndexOf('\n') + 1)];

    private static TestFolder Photographs()
    {
        var folder = new TestFolder();
        File.Copy(Assets.Lfw("George_W_Bush"), Path.Combine(folder.Path, "anna.jpg"));
        File.Copy(Assets.Lfw("Colin_Powell"), Path.Combine(folder.Path, "bert.jpg"));
        File.Copy(Assets.Lfw("George_W_Bush", 3), Path.Combine(folder.Path, "anna-today.jpg"));
        File.Copy(Assets.Lfw("Tom_Ridge"), Path.Combine(folder.Path, "carl.jpg"));
        File.Copy(Assets.Lfw("Serena_Williams"), Path.Combine(folder.Path, "dora.jpg"));
        File.Copy(Assets.Sample("group/bald_guys.jpg"), Path.Combine(folder.Path, "group.jpg"));
        File.WriteAllText(Path.Combine(folder.Path, "people.csv"), "anna,anna.jpg\nbert,bert.jpg\ncarl,group.jpg\n");
        File.WriteAllText(Path.Combine(folder.Path, "better.csv"), "anna,anna-today.jpg\ncarl,carl.jpg\n");
        File.WriteAllText(Path.Combine(folder.Path, "staff.csv"), "bert,bert.jpg\ncarl,carl.jpg\ndora,dora.jpg\n");
        return folder;
    }

    private static async Task<IEnumerable<string>> EnrolledAsync(TestHost host) => await host.Get<Database>().ReadAsync(
        tx => tx.Connection!.QueryAsync<string>("SELECT DISTINCT external_id FROM face WHERE state = 0 ORDER BY external_id", null, tx), CancellationToken.None);

    [GeneratedRegex("^```(?<language>[^\n]*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex AnyBlock();

    [GeneratedRegex("^ *```", RegexOptions.Multiline)]
    private static partial Regex Fence();
}
