using System.CommandLine;

namespace Rollcall.Cli.Enrol;

/// <summary>How a run goes about its work.</summary>
internal static class RunOptions
{
    /// <summary>A credential may have five polls waiting at the server; more jobs than these do not make one machine faster.</summary>
    private const int MostLanes = 16;

    public static readonly Option<int> Lanes = new("--jobs")
    {
        Description = $"Jobs in flight at a time, 1 to {MostLanes}.",
        HelpName = "N",
        DefaultValueFactory = _ => 4,
    };

    public static readonly Option<double> GiveUpAfter = new("--give-up-after")
    {
        Description = "Minutes without an answer from the server until the command gives up; the same command goes on later.",
        HelpName = "MINUTES",
        DefaultValueFactory = _ => 15,
    };

    public static readonly Option<string?> Report = new("--report")
    {
        Description = "Write what became of each photograph to a .csv, or of each that failed, with its picture, to a .html.",
        HelpName = "FILE",
    };

    public static readonly Option<string?> State = new("--state")
    {
        Description = "Where to keep what is needed to go on after an interruption; else a file in the user's folder.",
        HelpName = "FILE",
    };

    public static readonly Option<bool> Fresh = new("--fresh") { Description = "Forget an interrupted run and begin anew." };

    static RunOptions()
    {
        Lanes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MostLanes) result.AddError($"--jobs is 1 to {MostLanes}.");
        });
        GiveUpAfter.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and <= 10_080)) result.AddError("--give-up-after is 0 to 10080 minutes.");
        });
        Report.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } path && !Enrol.Report.IsKnown(path)) result.AddError("--report ends with .csv or .html.");
        });
    }

    public static Option[] All => [Lanes, GiveUpAfter, Report, State, Fresh];

    /// <summary>The user's folder for what programs remember, and in it a file for this run.</summary>
    public static string StatePath(Invocation invocation, string fingerprint)
    {
        if (invocation.Get(State) is { } given) return Path.GetFullPath(given);
        return Path.Combine(Folder(), $"{fingerprint[..24]}.db");
    }

    private static string Folder()
    {
        var root = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
            ? state
            : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(root, "rollcall", "runs");
    }
}
