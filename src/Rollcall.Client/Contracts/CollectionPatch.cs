using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>What changes about a collection; what is absent stays as it is.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CollectionPatch
{
    /// <summary>The new name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<string>))]
    public Change<string> Name { get; init; }

    /// <summary>The new description; null takes it away.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<string>))]
    public Change<string?> Description { get; init; }

    /// <summary>The settings that change.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<CollectionSettingsPatch>))]
    public Change<CollectionSettingsPatch> Settings { get; init; }
}

/// <summary>The settings of a collection that change: what is absent stays as it is, null goes back to the server's default.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CollectionSettingsPatch
{
    /// <inheritdoc cref="CollectionSettings.MinQuality"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<double?>))]
    public Change<double?> MinQuality { get; init; }

    /// <inheritdoc cref="CollectionSettings.OnDuplicate"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<OnDuplicate?>))]
    public Change<OnDuplicate?> OnDuplicate { get; init; }

    /// <inheritdoc cref="CollectionSettings.MultipleFaces"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<MultipleFaces?>))]
    public Change<MultipleFaces?> MultipleFaces { get; init; }

    /// <inheritdoc cref="CollectionSettings.CheckLiveness"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> CheckLiveness { get; init; }

    /// <inheritdoc cref="CollectionSettings.AllowIdentityChange"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> AllowIdentityChange { get; init; }

    /// <inheritdoc cref="CollectionSettings.IdentityGuard"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<double?>))]
    public Change<double?> IdentityGuard { get; init; }

    /// <inheritdoc cref="CollectionSettings.IdentifyThreshold"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<double?>))]
    public Change<double?> IdentifyThreshold { get; init; }

    /// <inheritdoc cref="CollectionSettings.DuplicateThreshold"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<double?>))]
    public Change<double?> DuplicateThreshold { get; init; }

    /// <inheritdoc cref="CollectionSettings.KeepImages"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> KeepImages { get; init; }

    /// <inheritdoc cref="CollectionSettings.RetentionDays"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<int?>))]
    public Change<int?> RetentionDays { get; init; }
}
