using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Faces.Models;
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
        new(
            MultipleFaces, Schemas.Choice<MultipleFaces>(),
            "What happens when more than one face counts: none is taken, the largest, or the one most like the person's references; the collection's setting unless sent."),
        new(MinQuality, Schemas.Share(), "Faces of a lower quality score fail; the collection's setting unless sent."),
        new(AllowIdentityChange, Schemas.Flag(), "Whether a face unlike the person's references may be enrolled; the collection's setting unless sent."),
        new(CheckLiveness, Schemas.Flag(), "Whether a face that looks like a picture of a picture fails; the collection's setting unless sent. Refused where the server has no model for it."),
        dryRun,
    ];

    public static Result<JobOptions> Parse(IReadOnlyDictionary<string, string> fields, CollectionSettings settings, FaceEngine engine)
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

        if (checkLiveness && WhyNoLiveness(engine) is { } why) return Problem.Invalid(why);
        return new JobOptions
        {
            OnDuplicate = onDuplicate,
            MultipleFaces = multipleFaces,
            MinQuality = minQuality,
            CheckLiveness = checkLiveness,
            AllowIdentityChange = allowIdentityChange,
            IdentityGuard = settings.IdentityGuard ?? engine.Pack.Calibration.IdentityGuard,
            KeepImages = settings.KeepImages,
            DryRun = dryRun,
        };
    }

    /// <summary>The gates of a job that tries items of another again: what is left out is as it was there, what is no gate as the collection has it now.</summary>
    public static Result<JobOptions> Change(JobOptions before, RetryBatch request, CollectionSettings settings, FaceEngine engine)
    {
        if (request.MinQuality is not (null or (>= 0 and <= 1))) return Problem.Invalid("min_quality is a number from 0 to 1.");
        var changed = before with
        {
            OnDuplicate = request.OnDuplicate ?? before.OnDuplicate,
            MultipleFaces = request.MultipleFaces ?? before.MultipleFaces,
            MinQuality = request.MinQuality ?? before.MinQuality,
            CheckLiveness = request.CheckLiveness ?? before.CheckLiveness,
            AllowIdentityChange = request.AllowIdentityChange ?? before.AllowIdentityChange,
            IdentityGuard = settings.IdentityGuard ?? engine.Pack.Calibration.IdentityGuard,
            KeepImages = settings.KeepImages,
        };
        if (changed.CheckLiveness && WhyNoLiveness(engine) is { } why) return Problem.Invalid(why);
        if (request.DryRun == true) return Problem.NotYet("A retry as a dry_run"); // it would use up the uploads
        return changed;
    }

    /// <summary>Why liveness cannot be checked here, or null when it can. Whoever asks for the check never gets an enrolment without it.</summary>
    public static string? WhyNoLiveness(FaceEngine engine)
    {
        if (engine.ChecksLiveness) return null;

        var pack = engine.Pack;
        return pack.Files.Any(file => file.Role == ModelRole.Liveness)
            ? $"{CheckLiveness}: a model file for it is missing on this server. Its operator obtains it with 'models pull {pack.Id}' and starts the server again."
            : $"{CheckLiveness}: the model pack '{pack.Id}' that this server runs has no model for it. Send {CheckLiveness}=false, or use a server with the pack '{ModelPack.Standard.Id}'.";
    }
}
