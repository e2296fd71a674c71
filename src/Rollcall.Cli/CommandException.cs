namespace Rollcall.Cli;

/// <summary>The end of a command that its caller can do something about: what to tell, and the exit code.</summary>
internal sealed class CommandException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;

    public static CommandException Unreachable(HttpRequestException exception) =>
        new(Cli.ExitCode.Unreachable, $"The server cannot be reached: {Reasons(exception)}", exception);

    /// <summary>An exception's message with those that it wraps: of a certificate that is not trusted the outer one says nothing.</summary>
    public static string Reasons(Exception exception)
    {
        List<string> messages = [];
        for (var one = exception; one is not null; one = one.InnerException)
        {
            if (!messages.Exists(message => message.Contains(one.Message, StringComparison.Ordinal))) messages.Add(one.Message);
        }

        return string.Join(" ", messages);
    }

    public static CommandException Usage(string message) => new(Cli.ExitCode.Usage, message);
}
