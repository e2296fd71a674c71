using System.Text.Json.Nodes;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Jobs;

/// <summary>The commands around an enrolment, on one story: enrolled, looked at, replaced, taken back, found, erased.</summary>
public sealed class CommandTests(LiveServer server)
{
    [Fact]
    public async Task The_life_of_a_job_and_of_a_person()
    {
        var collection = await server.CollectionAsync("story");
        using var shell = new Shell(server, collection);
        Photographs.Copy([Assets.Lfw("Aaron_Peirsol"), Assets.Lfw("Abdullah_Gul")], Path.Combine(shell.Folder, "people"));
        File.Copy(Assets.Sample("nonface/coffee.png"), Path.Combine(shell.Folder, "people", "Abdullah_Gul", "cup.png"));
        await shell.RunAsync("enrol", "people", "--id", "folder");
        string[] inOrganization = ["--organization", server.Organization];

        var jobs = await shell.AskAsync(["jobs", "-c", collection, .. inOrganization]);
        var job = Assert.Single(jobs["jobs"]!.AsArray())!["job_id"]!.GetValue<string>();
        var watched = await shell.RunAsync(["watch", job, .. inOrganization]);
        Assert.Equal(ExitCode.SomeFailed, watched.Code);
        Assert.Contains("FACE_NOT_DETECTED", watched.Out, StringComparison.Ordinal);
        Assert.Equal("done", (await shell.AskAsync("cancel", job))["status"]!.GetValue<string>());

        var retried = await shell.AskAsync("retry", job, "--code", "FACE_NOT_DETECTED", "--wait");
        Assert.Equal((1, job), (retried["total"]!.GetValue<int>(), retried["parent_job_id"]!.GetValue<string>()));
        var again = await shell.RunAsync("retry", job);
        Assert.Equal(ExitCode.Refused, again.Code);
        Assert.Contains("NOTHING_TO_RETRY", again.Error, StringComparison.Ordinal);

        var identified = await shell.RunAsync("identify", Assets.Lfw("Aaron_Peirsol", 2), "--json");
        Assert.Equal(ExitCode.Done, identified.Code);
        Assert.Equal("Aaron_Peirsol", JsonNode.Parse(identified.Out)!["matches"]![0]!["external_id"]!.GetValue<string>());
        Assert.Equal(ExitCode.SomeFailed, (await shell.RunAsync("identify", Assets.Lfw("Zinedine_Zidane"))).Code);
        Assert.Equal(ExitCode.Done, (await shell.RunAsync("verify", Assets.Lfw("Aaron_Peirsol", 2), "Aaron_Peirsol")).Code);
        Assert.Equal(ExitCode.SomeFailed, (await shell.RunAsync("verify", Assets.Lfw("Aaron_Peirsol", 2), "Abdullah_Gul")).Code);

        Assert.Equal(ExitCode.Done, (await shell.RunAsync("export", "--out", "faces.csv")).Code);
        Assert.Equal(3, File.ReadAllLines(Path.Combine(shell.Folder, "faces.csv")).Length);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(shell.Folder, "faces.csv")));
        Assert.Equal(2, (await shell.RunAsync("export")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        Assert.Equal(ExitCode.Usage, (await shell.RunAsync("erase", "Abdullah_Gul")).Code);
        Assert.Equal(1, (await shell.AskAsync("erase", "Abdullah_Gul", "--yes"))["faces"]!.GetValue<int>());
        Assert.Equal(1, (await shell.AskAsync("undo", job, "--yes"))["removed"]!.GetValue<int>());
        Assert.Empty(await server.FacesAsync(collection));
        Assert.Equal(ExitCode.Done, (await shell.RunAsync("collections", "delete", "story", "--yes")).Code);
        Assert.Equal(ExitCode.Usage, (await shell.RunAsync("collections", "show", "story")).Code);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_a_wrong_option_and_help_end_as_shells_expect()
    {
        using var shell = new Shell(server);

        Assert.Equal(ExitCode.Usage, (await shell.RunAsync("enrole")).Code);
        Assert.Equal(ExitCode.Usage, (await shell.RunAsync("enrol", ".", "--on-duplicate", "overwrite")).Code);
        var help = await shell.RunAsync("enrol", "--help");
        Assert.Equal(0, help.Code);
        Assert.Contains("replace_if_better", help.Out, StringComparison.Ordinal);
        Assert.StartsWith("0.", (await shell.RunAsync("--version")).Out, StringComparison.Ordinal);
    }
}
