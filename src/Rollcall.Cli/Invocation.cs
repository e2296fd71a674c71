using System.CommandLine;
using Microsoft.Data.Sqlite;
using Rollcall.Cli.Access;
using Rollcall.Cli.Terminal;
using Rollcall.Client;

namespace Rollcall.Cli;

/// <summary>One run of a command: what was asked, where to write, and until when.</summary>
internal sealed class Invocation(ParseResult asked, CancellationToken cancellation)
{
    public Output Output { get; } = new(asked.GetValue(GlobalOptions.Json), cancellation);

    public TimeProvider Time { get; } = TimeProvider.System;

    public CancellationToken Cancellation => cancellation;

    public T Get<T>(Option<T> option) => asked.GetValue(option)!;

    public T Get<T>(Argument<T> argument) => asked.GetValue(argument)!;

    public bool Gave(Option option) => asked.GetResult(option) is { Implicit: false };

    private bool HasEmptyWord => asked.Tokens.Any(token => token.Value.Length == 0);

    public Connection Connect() => Connection.Open(this);

    /// <summary>A command over its work: what goes wrong becomes a line on standard error and an exit code.</summary>
    public static Command Create(string name, string description, Func<Invocation, Task<int>> work, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) command.Arguments.Add(argument);
            if (symbol is Option option) command.Options.Add(option);
        }

        command.SetAction((asked, cancellation) => RunAsync(new Invocation(asked, cancellation), work));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, Func<Invocation, Task<int>> work)
    {
        try
        {
            if (invocation.HasEmptyWord) return Fail(ExitCode.Usage, null, "A word of the command is empty: a variable that is not set?");
            return await work(invocation);
        }
        catch (CommandException exception)
        {
            return Fail(exception.ExitCode, null, exception.Message);
        }
        catch (RollcallException exception)
        {
            var id = exception.RequestId is { } request ? $" (request {request})" : "";
            return Fail(ExitCode.Refused, exception.Code, $"The server refused with {exception.Code}: {exception.Message}{id}");
        }
        catch (HttpRequestException exception)
        {
            return Fail(ExitCode.Unreachable, null, CommandException.Unreachable(exception).Message);
        }
        catch (OperationCanceledException) when (invocation.Cancellation.IsCancellationRequested)
        {
            return Fail(ExitCode.Interrupted, null, "Interrupted.");
        }
        catch (OperationCanceledException)
        {
            return Fail(ExitCode.Unreachable, null, "The server did not answer in time.");
        }
        catch (SqliteException exception)
        {
            return Fail(ExitCode.Failed, null, $"What has to be remembered cannot be written ({exception.Message}). Make room, and the same command goes on.");
        }
        catch (Exception exception)
        {
            if (Environment.GetEnvironmentVariable("ROLLCALL_DEBUG") == "1") invocation.Output.Say(exception.ToString());
            var kind = exception is IOException or UnauthorizedAccessException ? "" : $"{exception.GetType().Name}: ";
            return Fail(ExitCode.Failed, null, kind + CommandException.Reasons(exception));
        }

        int Fail(int exitCode, string? code, string message)
        {
            invocation.Output.Error(code, message);
            return exitCode;
        }
    }
}
