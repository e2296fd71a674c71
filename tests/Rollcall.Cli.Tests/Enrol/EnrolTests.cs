using System.IO.Compression;
using System.Text.Json.Nodes;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Enrol;

public sealed class EnrolTests(LiveServer server)
{
    private static readonly string[] Some = ["Aaron_Eckhart", "Aaron_Guiel", "Aaron_Patterson", "Aaron_Pena", "Aaron_Tippin"];

    [Fact]
    public async Task A_folder_of_folders_is_enrolled_and_told_in_JSON()
    {
        using var shell = new Shell(server, await server.CollectionAsync());
        Photographs.Copy(Some.Select(person => Assets.Lfw(person)), Path.Combine(shell.Folder, "people"));
        File.Copy(Assets.Sample("nonface/text.png"), Path.Combine(shell.Folder, "people", "Aaron_Pena", "text.png"));
        File.WriteAllText(Path.Combine(shell.Folder, "people", "notes.txt"), "no photograph");

        var ended = await shell.RunAsync("enrol", "people", "--id", "folder", "--json");

        Assert.Equal(ExitCode.SomeFailed, ended.Code);
        var told = JsonNode.Parse(ended.Out)!;
        Assert.Equal(6, told["photographs"]!.GetValue<int>());
        Assert.Equal(5, told["outcomes"]!["enrolled"]!.GetValue<int>());
        Assert.Equal(1, told["failures"]!["FACE_NOT_DETECTED"]!.GetValue<int>());
        Assert.Equal(1, told["passed_over"]!.GetValue<int>());
        Assert.Empty(ended.Error);
        Assert.Empty(Directory.EnumerateFiles(shell.State, "*", SearchOption.AllDirectories));
        Assert.Equal(Some.Order(), (await server.FacesAsync(told["collection_id"]!.GetValue<string>())).Select(face => face["external_id"]!.GetValue<string>()).Order());
    }

    [Fact]
    public async Task An_archive_a_table_and_a_photograph_go_in_one_run()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        using (var zip = ZipFile.Open(Path.Combine(shell.Folder, "a.zip"), ZipArchiveMode.Create))
        {
            zip.CreateEntryFromFile(Assets.Lfw("Aaron_Eckhart"), @"deep\eckhart.jpg");
            zip.CreateEntryFromFile(Assets.Lfw("Aaron_Guiel"), "guiel.jpg");
        }

        File.WriteAllText(Path.Combine(shell.Folder, "list.csv"), $"path,external_id,metadata.site\n{Assets.Lfw("Aaron_Pena")},pena,Rome\n/nowhere.jpg,nobody,\n");
        File.Copy(Assets.Lfw("Aaron_Tippin"), Path.Combine(shell.Folder, "tippin.jpg"));

        var ended = await shell.RunAsync("enrol", "a.zip", "list.csv", "tippin.jpg", "--report", "out.csv");

        Assert.Equal(ExitCode.SomeFailed, ended.Code);
        var faces = (await server.FacesAsync(collection)).ToDictionary(face => face["external_id"]!.GetValue<string>());
        Assert.Equal(["eckhart", "guiel", "pena", "tippin"], faces.Keys.Order());
        Assert.Equal("Rome", faces["pena"]["metadata"]!["site"]!.GetValue<string>());
        var report = await File.ReadAllLinesAsync(Path.Combine(shell.Folder, "out.csv"), TestContext.Current.CancellationToken);
        Assert.Equal(6, report.Length);
        Assert.Contains(report, line => line.StartsWith("/nowhere.jpg,nobody,failed,FILE_NOT_READABLE,", StringComparison.Ordinal));
        Assert.Contains(report, line => line.Contains("!guiel.jpg,guiel,enrolled,,,face_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_of_failures_shows_them_and_runs_no_script_of_theirs()
    {
        using var shell = new Shell(server, await server.CollectionAsync());
        Directory.CreateDirectory(Path.Combine(shell.Folder, "in"));
        File.Copy(Assets.Sample("nonface/coffee.png"), Path.Combine(shell.Folder, "in", "<script>alert(1)<!-- & '.png"));
        File.WriteAllText(Path.Combine(shell.Folder, "in", "broken.jpg"), "no picture");

        var ended = await shell.RunAsync("enrol", "in", "--report", "failed.html");

        Assert.Equal(ExitCode.SomeFailed, ended.Code);
        var page = await File.ReadAllTextAsync(Path.Combine(shell.Folder, "failed.html"), TestContext.Current.CancellationToken);
        Assert.Contains("2 of 2 photographs failed", page, StringComparison.Ordinal);
        Assert.Contains("FACE_NOT_DETECTED", page, StringComparison.Ordinal);
        Assert.Single(page.Split("data:image/jpeg;base64,/9j/").Skip(1));
        Assert.Contains("cannot be shown", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_person_with_more_than_a_job_holds_has_as_many_references_as_may_be()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        Photographs.Copy(Enumerable.Range(1, 125).Select(n => Assets.Lfw("George_W_Bush", n)), Path.Combine(shell.Folder, "people"));

        var told = await shell.AskAsync("enrol", "people", "--id", "folder", "--multiple-faces", "largest", "--allow-identity-change", "--min-quality", "0");

        var jobs = await server.JobsAsync(collection);
        Assert.Equal([25, 100], jobs.Select(job => job["total"]!.GetValue<int>()));
        Assert.Equal(["append", "replace"], jobs.Select(job => job["on_duplicate"]!.GetValue<string>()));
        Assert.True(string.CompareOrdinal(jobs[0]["created_at"]!.GetValue<string>(), jobs[1]["completed_at"]!.GetValue<string>()) >= 0);
        Assert.Equal(100, told["outcomes"]!["enrolled"]!.GetValue<int>());
        Assert.Equal(25, told["failures"]!["TOO_MANY_REFERENCES"]!.GetValue<int>());
        Assert.Equal(100, (await server.FacesAsync(collection)).Count);
    }

    [Fact]
    public async Task A_file_that_goes_away_meanwhile_fails_alone()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        var people = Path.Combine(shell.Folder, "people");
        Photographs.Copy(Some.Select(person => Assets.Lfw(person)), people);

        // A link to nothing is a file of the folder that cannot be opened; the speed of a line that has none is one that cannot be read.
        File.CreateSymbolicLink(Path.Combine(people, "Aaron_Pena", "gone.jpg"), Path.Combine(people, "nowhere"));
        File.CreateSymbolicLink(Path.Combine(people, "Aaron_Pena", "broken.jpg"), "/sys/class/net/lo/speed");

        var told = await shell.AskAsync("enrol", "people", "--id", "folder");

        Assert.Equal((5, 2), (told["outcomes"]!["enrolled"]!.GetValue<int>(), told["failures"]!["FILE_NOT_READABLE"]!.GetValue<int>()));
        Assert.Equal(5, (await server.FacesAsync(collection)).Count);
    }

    [Fact]
    public async Task What_is_too_large_for_the_server_is_not_sent()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        Photographs.Copy([Assets.Lfw("Aaron_Eckhart")], Path.Combine(shell.Folder, "people"));
        foreach (var name in (string[])["people/large.jpg", "listed.jpg"])
        {
            using var large = File.Create(Path.Combine(shell.Folder, name));
            large.SetLength((10 * 1024 * 1024) + 1);
        }

        File.WriteAllText(Path.Combine(shell.Folder, "list.csv"), "path,external_id\nlisted.jpg,anna\n");
        var told = await shell.AskAsync("enrol", "people", "list.csv");

        Assert.Equal((1, 2), (told["outcomes"]!["enrolled"]!.GetValue<int>(), told["failures"]!["IMAGE_TOO_LARGE"]!.GetValue<int>()));
        Assert.Equal(1, Assert.Single(await server.JobsAsync(collection))["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_dry_run_enrols_nobody()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        Photographs.Copy([Assets.Lfw("Aaron_Eckhart")], Path.Combine(shell.Folder, "people"));

        var told = await shell.AskAsync("enrol", "people", "--dry-run");

        Assert.Equal(1, told["outcomes"]!["enrolled"]!.GetValue<int>());
        Assert.Empty(await server.FacesAsync(collection));
    }

    [Theory]
    [InlineData(ExitCode.Usage, "enrol", "nowhere")]
    [InlineData(ExitCode.Usage, "enrol", ".", "--id", "(?<who>.)")]
    [InlineData(ExitCode.Usage, "enrol", ".", "-c", "no such collection")]
    [InlineData(ExitCode.Refused, "enrol", ".", "-c", "col_01a21544daee77db9a581ea75b51e95f")]
    [InlineData(ExitCode.Unreachable, "enrol", ".", "-c", "x", "--server", "http://127.0.0.1:9")]
    public async Task What_ends_a_command_before_it_begins_has_a_code(int code, params string[] words)
    {
        using var shell = new Shell(server);

        var ended = await shell.RunAsync(words);

        Assert.Equal(code, ended.Code);
        Assert.NotEmpty(ended.Error);
        Assert.Empty(ended.Out);
    }

    [Fact]
    public async Task A_refusal_of_the_server_is_told_with_its_code()
    {
        using var shell = new Shell(server, await server.CollectionAsync());
        Photographs.Copy([Assets.Lfw("Aaron_Eckhart")], Path.Combine(shell.Folder, "people"));

        var ended = await shell.RunAsync("enrol", "people", "--min-quality", "7", "--json");

        Assert.Equal(ExitCode.Refused, ended.Code);
        Assert.Equal("INVALID_REQUEST", JsonNode.Parse(ended.Out)!["error"]!["code"]!.GetValue<string>());
    }
}
