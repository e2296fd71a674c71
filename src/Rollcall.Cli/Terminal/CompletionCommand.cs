using System.CommandLine;

namespace Rollcall.Cli.Terminal;

/// <summary>Prints what makes a shell complete the command's words; the words themselves come from the command at each Tab.</summary>
internal static class CompletionCommand
{
    private static readonly Argument<string> Shell = new("shell") { Description = "bash, zsh, fish or pwsh." };

    private const string Bash = """
        _rollcall() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$(rollcall "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _rollcall rollcall
        """;

    private const string Zsh = """
        _rollcall() {
          local words=("${(@f)$(rollcall "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
          if [[ -n "$words" ]]; then compadd -- $words; else _files; fi
        }
        compdef _rollcall rollcall
        """;

    private const string Fish = """
        complete -f -c rollcall -a '(rollcall "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
        complete -F -c rollcall -n '__fish_seen_subcommand_from enrol sync import export identify verify'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName rollcall -ScriptBlock {
          param($word, $line, $position)
          rollcall "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } |
            ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
        }
        """;

    public static Command Create()
    {
        Shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        return Invocation.Create("completion", "Print what makes a shell complete this command's words.", Run, Shell);
    }

    private static Task<int> Run(Invocation invocation)
    {
        Console.Out.WriteLine(invocation.Get(Shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            _ => PowerShell,
        });
        return Task.FromResult(ExitCode.Done);
    }
}
