using System.Globalization;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Batches;

/// <summary>The gates of a submission; what is left out comes from the collection's settings.</summary>
internal static class GateFields
{
    public const string OnDuplicate = "on_duplicate";
    public const string MultipleFaces = "multiple_faces";
    public const string MinQuality = "min_quality";
    public const string AllowIdentityChange = "allow_identity_change";
    public const string CheckLiveness = "check_liveness";
    public const string DryRun = "dry_run";

    public static Result<JobOptions> Parse(IReadOnlyDictionary<string, string> fields, CollectionSettings settings, double identityGuard)
    {
        var onDuplicate = settings.OnDuplicate;
        if (fields.TryGetValue(OnDuplicate, out var text) && !WireName.TryParse(text, out onDuplicate))
            return Problem.Invalid("on_duplicate is replace, replace_if_better, append, skip or reject.");
        var multipleFaces = settings.MultipleFaces;
        if (fields.TryGetValue(MultipleFaces, out text) && !WireName.TryParse(text, out multipleFaces))
            return Problem.Invalid("multiple_faces is reject, largest or match_existing.");
        var minQuality = settings.MinQuality;
        if (fields.TryGetValue(MinQuality, out text) && !TryParseShare(text, out minQuality)) return Problem.Invalid("min_quality is a number from 0 to 1.");

        if (ParseFlag(fields, AllowIdentityChange, settings.AllowIdentityChange).IsRefused(out var problem, out var allowIdentityChange)) return problem;
        if (ParseFlag(fields, CheckLiveness, settings.CheckLiveness).IsRefused(out problem, out var checkLiveness)) return problem;
        if (ParseFlag(fields, DryRun, false).IsRefused(out problem, out var dryRun)) return problem;

        if (NotYet(multipleFaces, checkLiveness) is { } refused) return refused;
        if (dryRun) return Missing(DryRun);
        return new JobOptions
        {
            OnDuplicate = onDuplicate,
            MultipleFaces = multipleFaces,
            MinQuality = minQuality,
            AllowIdentityChange = allowIdentityChange,
            IdentityGuard = settings.IdentityGuard ?? identityGuard,
        };
    }

    /// <summary>What the contract names and this version does not have: refused, never ignored.</summary>
    public static Problem? NotYet(MultipleFaces multipleFaces, bool checkLiveness)
    {
        if (multipleFaces == Client.Contracts.MultipleFaces.MatchExisting) return Missing("multiple_faces=match_existing");
        return checkLiveness ? Missing(CheckLiveness) : null;
    }

    public static Problem Missing(string what) => Problem.Invalid($"{what} is not in this version of the server yet.");

    public static bool TryParseShare(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= 1;

    private static Result<bool> ParseFlag(IReadOnlyDictionary<string, string> fields, string name, bool fallback) =>
        !fields.TryGetValue(name, out var text) ? fallback
            : text is "true" or "false" ? text == "true"
            : Problem.Invalid($"{name} is true or false.");
}
