using System.CommandLine;
using System.CommandLine.Parsing;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Enrol;

/// <summary>The gates of an enrolment, by the contract's names; what is left out is the collection's to say.</summary>
internal static class GateOptions
{
    public static readonly Option<OnDuplicate?> OnDuplicate = Named<OnDuplicate>("--on-duplicate", "What happens to people who are enrolled already");

    public static readonly Option<MultipleFaces?> MultipleFaces = Named<MultipleFaces>("--multiple-faces", "What happens when more than one face counts");

    public static readonly Option<double?> MinQuality = new("--min-quality") { Description = "Faces of a lower quality fail, 0 to 1.", HelpName = "SCORE" };

    public static readonly Option<bool?> CheckLiveness = new("--check-liveness") { Description = "Pictures of pictures fail." };

    public static readonly Option<bool?> AllowIdentityChange = new("--allow-identity-change") { Description = "A face unlike the person's earlier ones may be enrolled." };

    public static Option[] All => [OnDuplicate, MultipleFaces, MinQuality, CheckLiveness, AllowIdentityChange];

    public static BatchOptions Read(Invocation invocation) => new()
    {
        OnDuplicate = invocation.Get(OnDuplicate),
        MultipleFaces = invocation.Get(MultipleFaces),
        MinQuality = invocation.Get(MinQuality),
        CheckLiveness = invocation.Get(CheckLiveness),
        AllowIdentityChange = invocation.Get(AllowIdentityChange),
    };

    private static Option<TEnum?> Named<TEnum>(string name, string description)
        where TEnum : struct, Enum
    {
        string[] names = [.. Enum.GetValues<TEnum>().Select(WireName.Of)];
        var option = new Option<TEnum?>(name)
        {
            Description = $"{description}: {string.Join(", ", names)}.",
            HelpName = "RULE",
            CustomParser = Parse,
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add(names);
        return option;

        TEnum? Parse(ArgumentResult result) => WireName.TryParse<TEnum>(result.Tokens[0].Value, out var value)
            ? value
            : GlobalOptions.Wrong<TEnum?>(result, $"{name} is one of {string.Join(", ", names)}, and not '{result.Tokens[0].Value}'.");
    }
}
