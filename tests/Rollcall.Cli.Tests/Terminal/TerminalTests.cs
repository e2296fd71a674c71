using System.Text.RegularExpressions;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Terminal;

/// <summary>What somebody sees who sits at a terminal, and what comes into a file instead.</summary>
public sealed partial class TerminalTests(LiveServer server)
{
    private const string Command = "enrol people --id folder --multiple-faces largest";

    [Fact]
    public async Task At_a_terminal_progress_failures_by_reason_and_the_final_table_are_shown()
    {
        Assets.RequireProgram("tmux");

        // The second job goes on when the terminal has shown how far the first one is, however fast or slow this machine may be.
        var seen = new TaskCompletionSource();
        await using var line = await FaultyLine.StartAsync(server, before: async context =>
        {
            if (context.Request.Headers["Idempotency-Key"].ToString().EndsWith("-2-0", StringComparison.Ordinal)) await seen.Task;
            return false;
        });
        using var shell = new Shell(server, await server.CollectionAsync(), address: line.Address);
        Fill(shell);
        using var terminal = new Tmux(shell.Folder);
        var watching = terminal.ShowsAsync(recording => Rate().IsMatch(recording) && recording.Contains("FACE_NOT_DETECTED", StringComparison.Ordinal), seen);

        var screen = await terminal.RunAsync($"dotnet '{Path.Combine(AppContext.BaseDirectory, "rollcall.dll")}' {Command}", shell.Variables());

        await watching;
        var recording = await File.ReadAllTextAsync(terminal.Recording, TestContext.Current.CancellationToken);
        Assert.Contains("\e[", recording, StringComparison.Ordinal);
        var shares = Progress().Matches(recording).Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Contains(shares, share => share is > 0 and < 204);
        Assert.Equal(shares.Order(), shares);
        Assert.Contains("FACE_NOT_DETECTED", recording[..recording.LastIndexOf("outcome", StringComparison.Ordinal)], StringComparison.Ordinal);

        // The progress has made room for what stays.
        Assert.DoesNotContain("Ctrl-C", screen, StringComparison.Ordinal);
        Assert.Matches(@"enrolled +[0-9]+", screen);
        Assert.Matches(@"FACE_NOT_DETECTED +4", screen);
        Assert.Matches(@"all +204", screen);
    }

    [Fact]
    public async Task What_goes_to_a_file_has_no_escape_codes()
    {
        using var shell = new Shell(server, await server.CollectionAsync());
        Fill(shell);
        File.WriteAllText(Path.Combine(shell.Folder, "people", "\e[31mred.jpg"), "");

        var ended = await shell.RunAsync(Command.Split(' '));

        Assert.Contains("205 photographs of", ended.Error, StringComparison.Ordinal);
        Assert.Matches(@"all +205", ended.Out);
        Assert.DoesNotContain('\e', ended.Out);
        Assert.DoesNotContain('\e', ended.Error);
        var wrong = await shell.RunAsync("enrol", "\e[31mred");
        Assert.Equal(ExitCode.Usage, wrong.Code);
        Assert.DoesNotContain('\e', wrong.Error);
    }

    [GeneratedRegex("[0-9.]+/s, [0-9]+ (s|min|h)[^\n]* left")]
    private static partial Regex Rate();

    [GeneratedRegex("([0-9]+) of 204 photographs")]
    private static partial Regex Progress();

    private static void Fill(Shell shell)
    {
        var people = Path.Combine(shell.Folder, "people");
        Photographs.Copy(Photographs.Of(200), people);
        var things = Directory.CreateDirectory(Path.Combine(people, "A_thing")).FullName;
        foreach (var name in (string[])["coffee.png", "text.png", "moon.png", "rocket.jpg"])
        {
            File.Copy(Assets.Sample($"nonface/{name}"), Path.Combine(things, name));
        }
    }
}
