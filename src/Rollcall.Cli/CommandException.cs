namespace Rollcall.Cli;

/// <summary>The end of a command that its caller can do something about: what to tell, and the exit code.</summary>
internal sealed class CommandException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;

    public static CommandException Usage(string message) => new(Cli.ExitCode.Usage, message);
}
