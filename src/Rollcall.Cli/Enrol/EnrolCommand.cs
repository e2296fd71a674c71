using System.CommandLine;
using Rollcall.Cli.Collections;
using Rollcall.Cli.Sources;

namespace Rollcall.Cli.Enrol;

/// <summary>Any number of photographs, from folders, archives and lists.</summary>
internal static class EnrolCommand
{
    private static readonly Argument<string[]> Paths = new("path")
    {
        Description = "Folders, ZIP archives, manifests (.csv, .tsv, .jsonl) or photographs.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static readonly Option<string> Id = new("--id")
    {
        Description = "Whose photograph a file is: 'file' (its name), 'folder' (the folder it lies in), or a pattern with a group (?<id>…) over its path below PATH.",
        HelpName = "RULE",
        DefaultValueFactory = _ => "file",
    };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only tell what would happen." };

    public static Command Create() => Invocation.Create(
        "enrol",
        "Enrol any number of photographs; an interrupted run goes on when the same command is given again.",
        RunAsync,
        [Paths, CollectionChoice.Option, Id, .. GateOptions.All, DryRun, .. RunOptions.All]);

    private static async Task<int> RunAsync(Invocation invocation)
    {
        var rule = ExternalIdRule.Parse(invocation.Get(Id));
        var sources = new List<PhotographSource>();
        try
        {
            foreach (var path in invocation.Get(Paths))
            {
                sources.Add(PhotographSource.At(path, rule));
            }

            var gates = GateOptions.Read(invocation) with { DryRun = invocation.Get(DryRun) ? true : null };
            return await Enrolment.RunAsync(invocation, sources, rule.Text, invocation.Gave(Id), gates);
        }
        finally
        {
            sources.ForEach(source => source.Dispose());
        }
    }
}
