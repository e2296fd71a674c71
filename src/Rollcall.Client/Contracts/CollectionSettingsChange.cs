using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>Some of the settings of a collection: what is null or absent takes the server's default.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CollectionSettingsChange
{
    /// <inheritdoc cref="CollectionSettings.MinQuality"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Range(0.0, 1.0)]
    public double? MinQuality { get; init; }

    /// <inheritdoc cref="CollectionSettings.OnDuplicate"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OnDuplicate? OnDuplicate { get; init; }

    /// <inheritdoc cref="CollectionSettings.MultipleFaces"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MultipleFaces? MultipleFaces { get; init; }

    /// <inheritdoc cref="CollectionSettings.CheckLiveness"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? CheckLiveness { get; init; }

    /// <inheritdoc cref="CollectionSettings.AllowIdentityChange"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? AllowIdentityChange { get; init; }

    /// <inheritdoc cref="CollectionSettings.IdentityGuard"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Range(0.0, 1.0)]
    public double? IdentityGuard { get; init; }

    /// <inheritdoc cref="CollectionSettings.IdentifyThreshold"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Range(0.0, 1.0)]
    public double? IdentifyThreshold { get; init; }

    /// <inheritdoc cref="CollectionSettings.DuplicateThreshold"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Range(0.0, 1.0)]
    public double? DuplicateThreshold { get; init; }

    /// <inheritdoc cref="CollectionSettings.KeepImages"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? KeepImages { get; init; }

    /// <inheritdoc cref="CollectionSettings.RetentionDays"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Range(1, 36_500)]
    public int? RetentionDays { get; init; }
}
