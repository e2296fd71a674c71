using System.Text.Json.Nodes;

namespace Rollcall.Cli.Tests.Access;

public sealed class LoginTests(LiveServer server)
{
    [Fact]
    public async Task A_key_is_piped_in_proved_and_kept_for_its_owner_alone()
    {
        using var shell = new Shell(server, hasKey: false);
        using (var login = shell.Start(server.ApiKey + "\n", "login"))
        {
            var ended = await login.EndAsync(TestContext.Current.CancellationToken);
            Assert.Equal(ExitCode.Done, ended.Code);
            Assert.DoesNotContain(server.ApiKey, ended.Out + ended.Error, StringComparison.Ordinal);
        }

        Assert.Equal(ExitCode.Done, (await shell.RunAsync("collections")).Code);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(shell.Config));
    }

    [Fact]
    public async Task A_wrong_key_is_not_kept()
    {
        using var shell = new Shell(server, hasKey: false);
        using var login = shell.Start("rc_live_wrong\n", "login");

        Assert.Equal(ExitCode.Refused, (await login.EndAsync(TestContext.Current.CancellationToken)).Code);
        Assert.False(File.Exists(shell.Config));
    }

    [Fact]
    public async Task A_person_logs_in_stays_so_by_renewal_and_out_again()
    {
        using var shell = new Shell(server, hasKey: false);
        using (var login = shell.Start(LiveServer.Password + "\n", "login", "--email", LiveServer.Email))
        {
            Assert.Equal(ExitCode.Done, (await login.EndAsync(TestContext.Current.CancellationToken)).Code);
        }

        // The access token is at its end: five commands at once renew it once, one after the other.
        var stored = JsonNode.Parse(await File.ReadAllTextAsync(shell.Config, TestContext.Current.CancellationToken))!;
        var refresh = stored["default"]!["refresh_token"]!.GetValue<string>();
        stored["default"]!["expires_at"] = "2020-01-01T00:00:00+00:00";
        await File.WriteAllTextAsync(shell.Config, stored.ToJsonString(), TestContext.Current.CancellationToken);
        var ended = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => shell.RunAsync("jobs", "--json")));
        Assert.All(ended, one => Assert.Equal((ExitCode.Done, ""), (one.Code, one.Error)));
        Assert.NotEqual(refresh, JsonNode.Parse(await File.ReadAllTextAsync(shell.Config, TestContext.Current.CancellationToken))!["default"]!["refresh_token"]!.GetValue<string>());

        Assert.Equal(ExitCode.Done, (await shell.RunAsync("logout")).Code);
        Assert.Equal(ExitCode.Refused, (await shell.RunAsync("jobs")).Code);
    }

    [Fact]
    public async Task A_secret_goes_to_no_other_server()
    {
        using var shell = new Shell(server, hasKey: false);
        using (var login = shell.Start(server.ApiKey + "\n", "login"))
        {
            Assert.Equal(ExitCode.Done, (await login.EndAsync(TestContext.Current.CancellationToken)).Code);
        }

        var ended = await shell.RunAsync("collections", "--server", "http://127.0.0.1:9");

        Assert.Equal(ExitCode.Refused, ended.Code);
        Assert.Contains("login", ended.Error, StringComparison.Ordinal);
    }
}
