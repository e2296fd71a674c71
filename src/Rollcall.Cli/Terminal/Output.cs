using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Rollcall.Client.Contracts;
using Spectre.Console;

namespace Rollcall.Cli.Terminal;

/// <summary>
/// Standard output is the result, for people or as JSON; all that is said on the way goes to standard error. Neither gets an escape
/// code unless it is a terminal.
/// </summary>
internal sealed class Output
{
    private readonly IAnsiConsole _result = Console(System.Console.Out, System.Console.IsOutputRedirected);
    private readonly IAnsiConsole _aside = Console(System.Console.Error, System.Console.IsErrorRedirected);

    private readonly CancellationToken _cancellation;

    public Output(bool json, CancellationToken cancellation = default) => (IsJson, _cancellation) = (json, cancellation);

    public bool IsJson { get; }

    /// <summary>Whether somebody sits there who can watch a bar and answer a question.</summary>
    public bool IsWatched => !IsJson && !System.Console.IsErrorRedirected && !System.Console.IsInputRedirected && _aside.Profile.Capabilities.Ansi;

    public IAnsiConsole Aside => _aside;

    /// <summary>One of the contract's records.</summary>
    public void Result<T>(T value, Action<IAnsiConsole> forPeople) => Result(value, (JsonTypeInfo<T>)RollcallJson.Options.GetTypeInfo(typeof(T)), forPeople);

    public void Result<T>(T value, JsonTypeInfo<T> type, Action<IAnsiConsole> forPeople)
    {
        if (IsJson)
            System.Console.Out.WriteLine(JsonSerializer.Serialize(value, type));
        else
            forPeople(_result);
    }

    /// <summary>A line on the way; not with JSON.</summary>
    public void Say(string text)
    {
        if (!IsJson) _aside.WriteLine(Plain(text));
    }

    public void Warn(string text) => _aside.MarkupLineInterpolated($"[yellow]{Plain(text)}[/]");

    public void Error(string? code, string message)
    {
        if (IsJson)
            System.Console.Out.WriteLine(JsonSerializer.Serialize(new CommandFailure(false, new(code ?? "COMMAND_FAILED", message)), CliJson.Default.CommandFailure));
        _aside.MarkupLineInterpolated($"[red]{Plain(message)}[/]");
    }

    /// <summary>Asks for leave; without somebody to ask it is refused.</summary>
    public bool Confirm(string question, bool given)
    {
        if (given) return true;
        if (!IsWatched) throw CommandException.Usage($"{question} Nobody is there to ask: add --yes.");
        return new ConfirmationPrompt(Markup.Escape(question)) { DefaultValue = false }.ShowAsync(_aside, _cancellation).GetAwaiter().GetResult();
    }

    /// <summary>The name of a file may have anything in it, orders to the terminal too.</summary>
    private static string Plain(string text) => string.Concat(text.Select(letter => char.IsControl(letter) && letter is not '\n' ? '\ufffd' : letter));

    private static IAnsiConsole Console(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });

        // What is read by programs is not broken at a width that nobody has.
        if (redirected) console.Profile.Width = 400;
        return console;
    }
}
