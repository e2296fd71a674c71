using System.Diagnostics;

namespace Rollcall.Cli.Tests.Terminal;

public sealed class CompletionTests(LiveServer server)
{
    [Fact]
    public async Task A_shell_is_told_the_words_that_may_follow()
    {
        using var shell = new Shell(server);

        var commands = await shell.RunAsync("[suggest:10]", "rollcall e");
        var modes = await shell.RunAsync("[suggest:35]", "rollcall enrol dir --on-duplicate re");

        Assert.Contains("enrol", commands.Out, StringComparison.Ordinal);
        Assert.Contains("export", commands.Out, StringComparison.Ordinal);
        Assert.Contains("replace_if_better", modes.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Each_shell_gets_a_script(string name)
    {
        using var shell = new Shell(server);

        var ended = await shell.RunAsync("completion", name);

        Assert.Equal(ExitCode.Done, ended.Code);
        Assert.Contains("rollcall", ended.Out, StringComparison.Ordinal);
        if (name == "bash")
        {
            using var bash = Process.Start(new ProcessStartInfo("bash", ["-n", "-c", ended.Out]))!;
            await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, bash.ExitCode);
        }
    }
}
