using System.CommandLine;
using System.CommandLine.Parsing;
using Rollcall.Cli.Access;
using Rollcall.Cli.Collections;
using Rollcall.Cli.Enrol;
using Rollcall.Cli.Jobs;
using Rollcall.Cli.People;
using Rollcall.Cli.Recognition;
using Rollcall.Cli.Sync;
using Rollcall.Cli.Terminal;

namespace Rollcall.Cli;

/// <summary>Every command there is.</summary>
internal static class CommandLine
{
    /// <summary>A command's name as it is typed after 'rollcall'.</summary>
    public static IEnumerable<string> Path(this CommandResult command) =>
        command.Parent is CommandResult parent ? [.. parent.Path(), command.Command.Name] : [];

    public static RootCommand Create() => new("Enrols whole databases of people in Rollcall, and keeps a folder and a collection in step.")
    {
        GlobalOptions.Server,
        GlobalOptions.Profile,
        GlobalOptions.Organization,
        GlobalOptions.Json,
        LoginCommand.Create(),
        LogoutCommand.Create(),
        CollectionsCommand.Create(),
        EnrolCommand.Create(),
        SyncCommand.Create(),
        ImportCommand.Create(),
        ExportCommand.Create(),
        JobsCommand.Create(),
        WatchCommand.Create(),
        RetryCommand.Create(),
        CancelCommand.Create(),
        UndoCommand.Create(),
        IdentifyCommand.Create(),
        VerifyCommand.Create(),
        EraseCommand.Create(),
        CompletionCommand.Create(),
    };
}
