using Rollcall.Client.Contracts;
using Rollcall.Server.Batches;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Collections;

/// <summary>A collection's settings: what they are unless said otherwise, and what may be said.</summary>
internal static class Settings
{
    /// <summary>Thresholds that are null follow the model's calibration and the collection's size. Images are not kept.</summary>
    public static CollectionSettings Default { get; } = new()
    {
        MinQuality = 0.4,
        OnDuplicate = OnDuplicate.Replace,
        MultipleFaces = MultipleFaces.Reject,
        CheckLiveness = false,
        AllowIdentityChange = false,
        IdentityGuard = null,
        IdentifyThreshold = null,
        DuplicateThreshold = null,
        KeepImages = false,
        RetentionDays = null,
    };

    public static Result<CollectionSettings> Apply(CollectionSettings settings, CollectionSettingsChange? change)
    {
        if (change is null) return settings;
        if (IsOutside(change.MinQuality) || IsOutside(change.IdentityGuard) || IsOutside(change.IdentifyThreshold))
            return Problem.Invalid("min_quality, identity_guard and identify_threshold are numbers from 0 to 1.");
        if (change.DuplicateThreshold is not null) return GateFields.Missing("duplicate_threshold");
        if (change.KeepImages == true) return GateFields.Missing("keep_images");
        if (change.RetentionDays is not null) return GateFields.Missing("retention_days");

        var changed = settings with
        {
            MinQuality = change.MinQuality ?? settings.MinQuality,
            OnDuplicate = change.OnDuplicate ?? settings.OnDuplicate,
            MultipleFaces = change.MultipleFaces ?? settings.MultipleFaces,
            CheckLiveness = change.CheckLiveness ?? settings.CheckLiveness,
            AllowIdentityChange = change.AllowIdentityChange ?? settings.AllowIdentityChange,
            IdentityGuard = change.IdentityGuard ?? settings.IdentityGuard,
            IdentifyThreshold = change.IdentifyThreshold ?? settings.IdentifyThreshold,
        };
        if (GateFields.NotYet(changed.MultipleFaces, changed.CheckLiveness) is { } refused) return refused;
        return changed;
    }

    private static bool IsOutside(double? share) => share is not (null or (>= 0 and <= 1));
}
