using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Server.Batches;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Collections;

/// <summary>A collection's settings: what they are unless said otherwise, and what may be said.</summary>
internal static class Settings
{
    private const int MostRetentionDays = 36_500;

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

    public static Result<CollectionSettings> Apply(CollectionSettings settings, CollectionSettingsChange? change, FaceEngine engine)
    {
        if (change is null) return settings;
        if (IsOutside(change.MinQuality) || IsOutside(change.IdentityGuard) || IsOutside(change.IdentifyThreshold) || IsOutside(change.DuplicateThreshold))
            return Problem.Invalid("min_quality, identity_guard, identify_threshold and duplicate_threshold are numbers from 0 to 1.");
        if (change.CheckLiveness == true && GateFields.WhyNoLiveness(engine) is { } why) return Problem.Invalid(why);
        if (change.RetentionDays is not (null or (>= 1 and <= MostRetentionDays)))
            return Problem.Invalid($"retention_days is a whole number from 1 to {MostRetentionDays}, or null for never.");

        return settings with
        {
            MinQuality = change.MinQuality ?? settings.MinQuality,
            OnDuplicate = change.OnDuplicate ?? settings.OnDuplicate,
            MultipleFaces = change.MultipleFaces ?? settings.MultipleFaces,
            CheckLiveness = change.CheckLiveness ?? settings.CheckLiveness,
            AllowIdentityChange = change.AllowIdentityChange ?? settings.AllowIdentityChange,
            IdentityGuard = change.IdentityGuard ?? settings.IdentityGuard,
            IdentifyThreshold = change.IdentifyThreshold ?? settings.IdentifyThreshold,
            DuplicateThreshold = change.DuplicateThreshold ?? settings.DuplicateThreshold,
            KeepImages = change.KeepImages ?? settings.KeepImages,
            RetentionDays = change.RetentionDays ?? settings.RetentionDays,
        };
    }

    /// <summary>A setting that is named with null goes back to its default, one that is not named stays.</summary>
    public static Result<CollectionSettings> Apply(CollectionSettings settings, CollectionSettingsPatch patch, FaceEngine engine)
    {
        var kept = settings with
        {
            MinQuality = patch.MinQuality.IsSet ? Default.MinQuality : settings.MinQuality,
            OnDuplicate = patch.OnDuplicate.IsSet ? Default.OnDuplicate : settings.OnDuplicate,
            MultipleFaces = patch.MultipleFaces.IsSet ? Default.MultipleFaces : settings.MultipleFaces,
            CheckLiveness = patch.CheckLiveness.IsSet ? Default.CheckLiveness : settings.CheckLiveness,
            AllowIdentityChange = patch.AllowIdentityChange.IsSet ? Default.AllowIdentityChange : settings.AllowIdentityChange,
            IdentityGuard = patch.IdentityGuard.IsSet ? Default.IdentityGuard : settings.IdentityGuard,
            IdentifyThreshold = patch.IdentifyThreshold.IsSet ? Default.IdentifyThreshold : settings.IdentifyThreshold,
            DuplicateThreshold = patch.DuplicateThreshold.IsSet ? Default.DuplicateThreshold : settings.DuplicateThreshold,
            KeepImages = patch.KeepImages.IsSet ? Default.KeepImages : settings.KeepImages,
            RetentionDays = patch.RetentionDays.IsSet ? Default.RetentionDays : settings.RetentionDays,
        };
        var named = new CollectionSettingsChange
        {
            MinQuality = patch.MinQuality.Value,
            OnDuplicate = patch.OnDuplicate.Value,
            MultipleFaces = patch.MultipleFaces.Value,
            CheckLiveness = patch.CheckLiveness.Value,
            AllowIdentityChange = patch.AllowIdentityChange.Value,
            IdentityGuard = patch.IdentityGuard.Value,
            IdentifyThreshold = patch.IdentifyThreshold.Value,
            DuplicateThreshold = patch.DuplicateThreshold.Value,
            KeepImages = patch.KeepImages.Value,
            RetentionDays = patch.RetentionDays.Value,
        };
        return Apply(kept, named, engine);
    }

    /// <summary>What a change changed, for the audit log: the new values of settings, and that a text is another, for a text is somebody's. Null: nothing.</summary>
    public static JsonObject? Difference(Collection before, Collection after)
    {
        var texts = new JsonArray();
        if (before.Name != after.Name) texts.Add("name");
        if (before.Description != after.Description) texts.Add("description");
        var settings = Difference(before.Settings, after.Settings);
        return texts.Count + settings.Count == 0 ? null : new JsonObject { ["texts"] = texts, ["settings"] = settings };
    }

    public static JsonObject Difference(CollectionSettings before, CollectionSettings after)
    {
        var (was, now) = (ToJson(before), ToJson(after));
        return new JsonObject(now.Where(setting => !JsonNode.DeepEquals(setting.Value, was[setting.Key])).Select(setting => KeyValuePair.Create(setting.Key, setting.Value?.DeepClone())));
    }

    private static JsonObject ToJson(CollectionSettings settings) => JsonSerializer.SerializeToNode(settings, RollcallJson.Options)!.AsObject();

    private static bool IsOutside(double? share) => share is not (null or (>= 0 and <= 1));
}
