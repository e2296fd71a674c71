using System.CommandLine;
using Rollcall.Cli.Terminal;
using Rollcall.Client;
using Spectre.Console;

namespace Rollcall.Cli.Access;

/// <summary>Ends a person's login at the server and forgets the profile; an API key is only forgotten here.</summary>
internal static class LogoutCommand
{
    public static Command Create() => Invocation.Create("logout", "Forget a login; a person's ends at the server, too.", RunAsync);

    private static async Task<int> RunAsync(Invocation invocation)
    {
        await ProfileStore.ChangeAsync(Connection.ProfileName(invocation), EndAsync, invocation.Time, invocation.Cancellation);
        invocation.Output.Result(new LoggedOut(Connection.ProfileName(invocation)), CliJson.Default.LoggedOut, console => console.WriteLine("Logged out."));
        return ExitCode.Done;

        async Task<Profile?> EndAsync(Profile? profile)
        {
            if (profile?.RefreshToken is not { } refresh) return null;
            using var connection = Connection.OpenWithout(profile.Server);
            try
            {
                await connection.Client.LogoutAsync(refresh, invocation.Cancellation);
            }
            catch (Exception exception) when (exception is RollcallException or HttpRequestException)
            {
                invocation.Output.Warn($"The server did not confirm it ({exception.Message}); the login ends there within the hour.");
            }

            return null;
        }
    }
}
