using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Rollcall.Cli.Sync;

/// <summary>How much a sync may remove: a share of what stands, or a number. A folder that is not mounted looks like one that everybody left.</summary>
internal readonly record struct RemovalLimit(double Value, bool IsShare)
{
    public static readonly Option<RemovalLimit> Option = new("--max-removals")
    {
        Description = "Remove at most this many references, a number or a percentage of those that stand; above it nothing is changed.",
        HelpName = "N|N%",
        DefaultValueFactory = _ => new(5, IsShare: true),
        CustomParser = Parse,
    };

    public bool Allows(long removed, long standing) => removed <= (IsShare ? Value / 100 * standing : Value);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value}{(IsShare ? " %" : "")}");

    private static RemovalLimit Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value.Trim();
        var isShare = text.EndsWith('%');
        return double.TryParse(text.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= 0 && (!isShare || value <= 100)
            ? new(value, isShare)
            : GlobalOptions.Wrong<RemovalLimit>(result, "--max-removals is a number such as 20, or a percentage such as 5%.");
    }
}
