using System.CommandLine;

namespace Rollcall.Cli;

/// <summary>What every command takes.</summary>
internal static class GlobalOptions
{
    public static readonly Option<Uri?> Server = new("--server")
    {
        Description = "The server's root; else ROLLCALL_URL, the profile's, or http://127.0.0.1:8080.",
        HelpName = "URL",
        Recursive = true,
        CustomParser = result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : Wrong<Uri?>(result, $"'{result.Tokens[0].Value}' is no address of a server: write http://HOST:PORT or https://HOST."),
    };

    public static readonly Option<string> Profile = new("--profile")
    {
        Description = "Which login to use; else ROLLCALL_PROFILE, or 'default'.",
        HelpName = "NAME",
        Recursive = true,
    };

    public static readonly Option<string?> Organization = new("--organization")
    {
        Description = "The organization, org_…; needed where there is more than one, and for 'jobs' with an API key.",
        HelpName = "ORG",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Write JSON to standard output, and nothing else.",
        Recursive = true,
    };

    public static T Wrong<T>(System.CommandLine.Parsing.SymbolResult result, string message)
    {
        result.AddError(message);
        return default!;
    }
}
