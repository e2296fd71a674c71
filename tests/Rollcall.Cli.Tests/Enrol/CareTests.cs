using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Enrol;

/// <summary>What a slip of the user's must not cost.</summary>
public sealed class CareTests(LiveServer server)
{
    [Theory]
    [InlineData("enrole")]
    [InlineData("enrol")]
    [InlineData("enrol", ".", "--on-duplicate", "overwrite")]
    [InlineData("enrol", ".", "--jobs", "99")]
    [InlineData("sync", ".", "--max-removals", "x")]
    [InlineData("enrol", "")]
    [InlineData("jobs", "--server", "ftp://example.com")]
    public async Task A_wrong_command_line_ends_with_2_and_is_told_in_JSON(params string[] words)
    {
        using var shell = new Shell(server);

        var ended = await shell.RunAsync([.. words, "--json"]);

        Assert.Equal(ExitCode.Usage, ended.Code);
        Assert.False(JsonNode.Parse(ended.Out)!["success"]!.GetValue<bool>());
        Assert.NotEmpty(ended.Error);
    }

    [Fact]
    public async Task Names_that_come_from_several_folders_are_no_person_until_somebody_says_so()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        foreach (var person in (string[])["Aaron_Eckhart", "Aaron_Guiel"])
        {
            Directory.CreateDirectory(Path.Combine(shell.Folder, "people", person));
            File.Copy(Assets.Lfw(person), Path.Combine(shell.Folder, "people", person, "1.jpg"));
        }

        var refused = await shell.RunAsync("enrol", "people");
        Assert.Equal(ExitCode.Usage, refused.Code);
        Assert.Contains("--id folder", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(shell.State, "*", SearchOption.AllDirectories));
        Assert.Contains("--id folder", (await shell.RunAsync("sync", "people", "--plan")).Error, StringComparison.Ordinal);
        Assert.Empty(await server.JobsAsync(collection));
        Assert.Equal(2, (await shell.AskAsync("enrol", "people", "--id", "file", "--dry-run"))["photographs"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("list.csv", "path,external_id\nm.jpg,M\u00fcller\n")]
    [InlineData("list.jsonl", "{\"path\": \"m.jpg\", \"external_id\": \"M\u00fcller\"}\n")]
    public async Task A_list_in_an_old_code_page_is_no_list(string name, string text)
    {
        using var shell = new Shell(server, await server.CollectionAsync());
        await File.WriteAllTextAsync(Path.Combine(shell.Folder, name), text, Encoding.Latin1, TestContext.Current.CancellationToken);

        var ended = await shell.RunAsync("enrol", name);

        Assert.Equal(ExitCode.Usage, ended.Code);
        Assert.Contains("UTF-8", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_is_told_before_anything_is_sent()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        Photographs.Copy([Assets.Lfw("Aaron_Eckhart")], Path.Combine(shell.Folder, "people"));
        File.WriteAllText(Path.Combine(shell.Folder, "list.csv"), $"path,external_id\n{Assets.Lfw("Aaron_Guiel")},guiel\n");

        Assert.Equal(ExitCode.Usage, (await shell.RunAsync("enrol", "people", "--report", "nowhere/out.csv")).Code);
        Assert.Equal(ExitCode.Usage, (await shell.RunAsync("enrol", "list.csv", "--report", "list.csv")).Code);

        Assert.Empty(await server.JobsAsync(collection));
        Assert.StartsWith("path,external_id", await File.ReadAllTextAsync(Path.Combine(shell.Folder, "list.csv"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_somebody_elses_is_no_state_and_stays()
    {
        using var shell = new Shell(server, await server.CollectionAsync());
        Photographs.Copy([Assets.Lfw("Aaron_Eckhart")], Path.Combine(shell.Folder, "people"));
        var notes = Path.Combine(shell.Folder, "notes.md");
        File.WriteAllText(notes, "what must not be lost, and is longer than the head of a database: " + new string('x', 200));

        var ended = await shell.RunAsync("enrol", "people", "--state", "notes.md", "--fresh");

        Assert.Equal(ExitCode.Usage, ended.Code);
        Assert.StartsWith("what must not", await File.ReadAllTextAsync(notes, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_lies_there_can_be_read_by_its_owner_alone_and_is_worked_at_by_one()
    {
        var collection = await server.CollectionAsync();
        var (arrived, held) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var line = await FaultyLine.StartAsync(server, before: async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/batch-async", StringComparison.Ordinal)) return false;
            arrived.TrySetResult();
            await held.Task;
            return false;
        });
        using var shell = new Shell(server, collection, address: line.Address);
        Photographs.Copy([Assets.Lfw("Aaron_Eckhart")], Path.Combine(shell.Folder, "people"));
        using var first = shell.Start(null, "enrol", "people", "--id", "folder", "--report", "out.html");
        var end = first.EndAsync(TestContext.Current.CancellationToken);
        Assert.Same(arrived.Task, await Task.WhenAny(arrived.Task, end));

        var second = await shell.RunAsync("enrol", "people", "--id", "folder", "--fresh");
        Assert.Equal(ExitCode.Busy, second.Code);
        var runs = Path.Combine(shell.State, "rollcall", "runs");
        Assert.Single(Directory.EnumerateFiles(runs, "*.db-wal"));
        Assert.All([runs, .. Directory.EnumerateFiles(runs)], IsOwners);
        held.SetResult();
        Assert.Equal(ExitCode.Done, (await end).Code);
        IsOwners(Path.Combine(shell.Folder, "out.html"));
    }

    [Fact]
    public async Task Who_is_enrolled_already_gets_nothing_of_what_is_left_over_when_duplicates_are_rejected()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        Photographs.Copy([Assets.Lfw("George_W_Bush", 200)], Path.Combine(shell.Folder, "before"));
        await shell.AskAsync("enrol", "before", "--id", "folder", "--multiple-faces", "largest");
        Photographs.Copy(Enumerable.Range(1, 103).Select(n => Assets.Lfw("George_W_Bush", n)), Path.Combine(shell.Folder, "people"));

        var told = await shell.AskAsync("enrol", "people", "--id", "folder", "--multiple-faces", "largest", "--on-duplicate", "reject");

        Assert.Equal(103, told["failures"]!["DUPLICATE_EXTERNAL_ID"]!.GetValue<int>());
        Assert.Single(await server.FacesAsync(collection));
    }

    [Fact]
    public async Task A_key_in_the_environment_is_enough_where_there_is_no_home()
    {
        using var shell = new Shell(server, await server.CollectionAsync());
        var variables = shell.Variables();
        variables["HOME"] = "/proc/nowhere";
        variables["ROLLCALL_CONFIG"] = variables["XDG_STATE_HOME"] = variables["XDG_CONFIG_HOME"] = null;
        variables["ROLLCALL_API_KEY"] += "\r";
        using var listed = Benchmarks.Campaigns.CommandProcess.Start(shell.Folder, variables, ["collections", "--json"]);
        Assert.Equal(ExitCode.Done, (await listed.EndAsync(TestContext.Current.CancellationToken)).Code);

        Photographs.Copy([Assets.Lfw("Aaron_Eckhart")], Path.Combine(shell.Folder, "people"));
        using var enrolled = Benchmarks.Campaigns.CommandProcess.Start(shell.Folder, variables, ["enrol", "people"]);
        var ended = await enrolled.EndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Usage, ended.Code);
        Assert.Contains("--state", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_job_alone_is_refused_for_is_told_of_its_photographs()
    {
        var collection = await server.CollectionAsync();
        await using var line = await FaultyLine.StartAsync(server, before: async context =>
        {
            // The second job of the run, by the number in its key.
            if (!context.Request.Headers["Idempotency-Key"].ToString().EndsWith("-2-0", StringComparison.Ordinal)) return false;
            context.Response.StatusCode = 400;
            await context.Response.WriteAsJsonAsync(new { success = false, error = new { code = "INVALID_REQUEST", message = "metadata is too deep" }, request_id = "r", timestamp = "2026-01-01T00:00:00Z" });
            return true;
        });
        using var shell = new Shell(server, collection, address: line.Address);
        Photographs.Copy(Photographs.OneOf(101), Path.Combine(shell.Folder, "people"));

        var told = await shell.AskAsync("enrol", "people", "--id", "folder", "--multiple-faces", "largest", "--jobs", "1");

        Assert.Equal(1, told["failures"]!["INVALID_REQUEST"]!.GetValue<int>());
        Assert.Equal(101, told["photographs"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_folder_that_was_taken_away_ends_the_run_and_the_run_goes_on_when_it_is_back()
    {
        var collection = await server.CollectionAsync();
        var lost = 0;
        await using var line = await FaultyLine.StartAsync(
            server, before: context => context.Request.Path.Value!.EndsWith("/batch-async", StringComparison.Ordinal) && ++lost == 1 ? FaultyLine.BreakAsync(context) : Task.FromResult(false));
        using var shell = new Shell(server, collection, address: line.Address);
        var people = Path.Combine(shell.Folder, "people");
        Photographs.Copy([Assets.Lfw("Aaron_Eckhart"), Assets.Lfw("Aaron_Guiel")], people);
        string[] command = ["enrol", "people", "--id", "folder"];
        Assert.Equal(ExitCode.Unreachable, (await shell.RunAsync([.. command, "--give-up-after", "0"])).Code);

        // As a mount point that nothing is mounted at.
        Directory.Move(people, people + " elsewhere");
        Directory.CreateDirectory(people);
        Assert.Equal(ExitCode.Failed, (await shell.RunAsync(command)).Code);

        Directory.Delete(people);
        Directory.Move(people + " elsewhere", people);
        Assert.Equal(2, (await shell.AskAsync(command))["outcomes"]!["enrolled"]!.GetValue<int>());
    }

    [Fact]
    public async Task Of_a_certificate_that_is_not_to_be_had_the_reason_is_told()
    {
        using var shell = new Shell(server, address: new UriBuilder(server.Address) { Scheme = "https" }.Uri);

        var ended = await shell.RunAsync("collections");

        Assert.Equal(ExitCode.Unreachable, ended.Code);
        Assert.Contains("frame", ended.Error, StringComparison.OrdinalIgnoreCase);
    }

    private static void IsOwners(string entry)
    {
        const UnixFileMode others = (UnixFileMode)0b111_111;
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(entry) & others);
    }
}
