using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

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

    /// <summary>The parts of a form that they are; what a gate is without its part, the form says.</summary>
    public static IReadOnlyList<FormPart> Parts(string onDuplicateDefault, FormPart dryRun) =>
    [
        new(OnDuplicate, Schemas.Choice<OnDuplicate>(), $"What happens when the external id is enrolled already; {onDuplicateDefault}"),
        new(MultipleFaces, Schemas.Choice<MultipleFaces>(Client.Contracts.MultipleFaces.MatchExisting), "What happens when more than one face counts; the collection's setting unless sent."),
        new(MinQuality, Schemas.Share(), "Faces of a lower quality score fail; the collection's setting unless sent."),
        new(AllowIdentityChange, Schemas.Flag(), "Whether a face unlike the person's references may be enrolled; the collection's setting unless sent."),
        new(CheckLiveness, Schemas.Never(), "Not in this version yet."),
        dryRun,
    ];

    public static Result<JobOptions> Parse(IReadOnlyDictionary<string, string> fields, CollectionSettings settings, double identityGuard)
    {
        var onDuplicate = settings.OnDuplicate;
        if (fields.TryGetValue(OnDuplicate, out var text) && !WireName.TryParse(text, out onDuplicate))
            return Problem.Invalid("on_duplicate is replace, replace_if_better, append, skip or reject.");
        var multipleFaces = settings.MultipleFaces;
        if (fields.TryGetValue(MultipleFaces, out text) && !WireName.TryParse(text, out multipleFaces))
            return Problem.Invalid("multiple_faces is reject, largest or match_existing.");
        var minQuality = settings.MinQuality;
        if (fields.TryGetValue(MinQuality, out text) && !FieldValues.TryShare(text, out minQuality)) return Problem.Invalid("min_quality is a number from 0 to 1.");

        if (!FieldValues.TryFlag(fields, AllowIdentityChange, settings.AllowIdentityChange, out var allowIdentityChange)) return Problem.Invalid($"{AllowIdentityChange} is true or false.");
        if (!FieldValues.TryFlag(fields, CheckLiveness, settings.CheckLiveness, out var checkLiveness)) return Problem.Invalid($"{CheckLiveness} is true or false.");
        if (!FieldValues.TryFlag(fields, DryRun, false, out var dryRun)) return Problem.Invalid($"{DryRun} is true or false.");

        if (NotYet(multipleFaces, checkLiveness) is { } refused) return refused;
        return new JobOptions
        {
            OnDuplicate = onDuplicate,
            MultipleFaces = multipleFaces,
            MinQuality = minQuality,
            AllowIdentityChange = allowIdentityChange,
            IdentityGuard = settings.IdentityGuard ?? identityGuard,
            KeepImages = settings.KeepImages,
            DryRun = dryRun,
        };
    }

    /// <summary>The gates of a job that tries items of another again: what is left out is as it was there, what is no gate as the collection has it now.</summary>
    public static Result<JobOptions> Change(JobOptions before, RetryBatch request, CollectionSettings settings, double identityGuard)
    {
        if (request.MinQuality is not (null or (>= 0 and <= 1))) return Problem.Invalid("min_quality is a number from 0 to 1.");
        var changed = before with
        {
            OnDuplicate = request.OnDuplicate ?? before.OnDuplicate,
            MultipleFaces = request.MultipleFaces ?? before.MultipleFaces,
            MinQuality = request.MinQuality ?? before.MinQuality,
            AllowIdentityChange = request.AllowIdentityChange ?? before.AllowIdentityChange,
            IdentityGuard = settings.IdentityGuard ?? identityGuard,
            KeepImages = settings.KeepImages,
        };
        if (NotYet(changed.MultipleFaces, request.CheckLiveness == true) is { } refused) return refused;
        if (request.DryRun == true) return Problem.NotYet("A retry as a dry_run"); // it would use up the uploads
        return changed;
    }

    /// <summary>What the contract names and this version does not have: refused, never ignored.</summary>
    public static Problem? NotYet(MultipleFaces multipleFaces, bool checkLiveness)
    {
        if (multipleFaces == Client.Contracts.MultipleFaces.MatchExisting) return Problem.NotYet("multiple_faces=match_existing");
        return checkLiveness ? Problem.NotYet(CheckLiveness) : null;
    }
}
