using System.CommandLine;
using System.Globalization;
using Rollcall.Cli;

// A number is written alike by everybody and in every script: 0.5.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;

return await CommandLine.Create().Parse(args).InvokeAsync(new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,

    // After Ctrl-C what is in flight is cancelled and written down; that takes no longer than this.
    ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
});
