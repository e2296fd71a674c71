using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;
using Rollcall.Cli;
using Rollcall.Cli.Terminal;

// A number is written alike by everybody and in every script: 0.5.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;

// Without response files, '@bob' is a person.
var asked = CommandLine.Create().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (asked.Action is ParseErrorAction)
{
    var help = $"See 'rollcall {string.Join(' ', asked.CommandResult.Path())} --help'.".Replace("  ", " ", StringComparison.Ordinal);
    new Output(args.Contains("--json")).Error(null, $"{string.Join(' ', asked.Errors.Select(error => error.Message))} {help}");
    return ExitCode.Usage;
}

return await asked.InvokeAsync(new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,

    // After Ctrl-C what is in flight is cancelled and written down; that takes no longer than this.
    ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
});
