using System.CommandLine;
using Rollcall.Cli.Terminal;
using Rollcall.Client.Contracts;
using Spectre.Console;

namespace Rollcall.Cli.Access;

/// <summary>Proves once who is asking, and keeps the proof for the commands to come. A secret is typed or piped, never an argument.</summary>
internal static class LoginCommand
{
    private static readonly Option<string?> Email = new("--email")
    {
        Description = "Log in as a person; the password is asked for, or read from standard input.",
        HelpName = "ADDRESS",
    };

    public static Command Create() => Invocation.Create(
        "login", "Keep an API key, or with --email a person's login, for the commands to come.", RunAsync, Email);

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var server = Connection.ServerFor(invocation);
        var name = Connection.ProfileName(invocation);
        var email = invocation.Get(Email);
        var secret = Secret(invocation, email is null ? "API key" : "Password");
        var profile = email is null
            ? await KeyAsync(invocation, server, secret)
            : await PersonAsync(invocation, server, email, secret);
        await ProfileStore.ChangeAsync(name, _ => Task.FromResult<Profile?>(profile), invocation.Time, invocation.Cancellation);

        var kind = email is null ? "api_key" : "person";
        invocation.Output.Result(
            new LoggedIn(server.ToString(), name, kind, profile.Organization),
            CliJson.Default.LoggedIn,
            console => console.WriteLine($"Logged in at {server} (profile {name})."));
        return ExitCode.Done;
    }

    private static string Secret(Invocation invocation, string what)
    {
        var secret = invocation.Output.IsWatched
            ? invocation.Output.Aside.Prompt(new TextPrompt<string>($"{what}:").Secret(null))
            : Console.In.ReadLine();
        return secret is { Length: > 0 } ? secret.TrimEnd('\r', '\n') : throw CommandException.Usage($"Type the {what}, or pipe it in.");
    }

    private static async Task<Profile> KeyAsync(Invocation invocation, Uri server, string key)
    {
        // A key is proved by using it: every scope may list collections.
        key = key.Trim();
        using var connection = Connection.OpenWithKey(server, key);
        await connection.Client.ListCollectionsAsync(limit: 1, cancellationToken: invocation.Cancellation);
        return new Profile { Server = server, ApiKey = key, Organization = invocation.Get(GlobalOptions.Organization) };
    }

    private static async Task<Profile> PersonAsync(Invocation invocation, Uri server, string email, string password)
    {
        using var connection = Connection.OpenWithout(server);
        var tokens = await connection.Client.LoginAsync(new LoginRequest { Email = email, Password = password }, invocation.Cancellation);
        return new Profile
        {
            Server = server,
            AccessToken = tokens.AccessToken,
            RefreshToken = tokens.RefreshToken,
            ExpiresAt = invocation.Time.GetUtcNow().AddSeconds(tokens.ExpiresIn),
            Organization = invocation.Get(GlobalOptions.Organization) ?? (tokens.Organizations is [var only] ? only.Id : null),
        };
    }
}
