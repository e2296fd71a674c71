using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>A set of people who are searched together.</summary>
public sealed record Collection
{
    /// <summary>The id, <c>col_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The name that people gave it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for; null when nobody said.</summary>
    public required string? Description { get; init; }

    /// <summary>Faces that stand, superseded ones not counted.</summary>
    [Range(0, int.MaxValue)]
    public required long FaceCount { get; init; }

    /// <summary>People with at least one face that stands.</summary>
    [Range(0, int.MaxValue)]
    public required long PersonCount { get; init; }

    /// <summary>The model that its vectors come from; null until the first face when none is fixed yet.</summary>
    public required CollectionModel? Model { get; init; }

    /// <summary>The settings in force.</summary>
    public required CollectionSettings Settings { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The settings of a collection; the gates are defaults that a request may override.</summary>
public sealed record CollectionSettings
{
    /// <summary>Faces of a lower quality score fail, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public required double MinQuality { get; init; }

    /// <summary>What happens to an external id that is enrolled already.</summary>
    public required OnDuplicate OnDuplicate { get; init; }

    /// <summary>What happens when more than one face counts.</summary>
    public required MultipleFaces MultipleFaces { get; init; }

    /// <summary>Whether a picture of a picture fails. Cannot be set on a server that has no model to tell.</summary>
    public required bool CheckLiveness { get; init; }

    /// <summary>Whether a face unlike the person's existing references may still be enrolled.</summary>
    public required bool AllowIdentityChange { get; init; }

    /// <summary>Similarity below which an image is another person's, 0 to 1; null: the score at a false match rate of 1 in 100.</summary>
    [Range(0.0, 1.0)]
    public required double? IdentityGuard { get; init; }

    /// <summary>Similarity from which an identification matches, 0 to 1; null: by the collection's size, never below 0.5.</summary>
    [Range(0.0, 1.0)]
    public required double? IdentifyThreshold { get; init; }

    /// <summary>Similarity from which two external ids look like one person, 0 to 1; null: by the collection's size, never below 0.5.</summary>
    [Range(0.0, 1.0)]
    public required double? DuplicateThreshold { get; init; }

    /// <summary>Whether the images of enrolled faces are kept.</summary>
    public required bool KeepImages { get; init; }

    /// <summary>Days after which a reference is erased, from 1; null: never.</summary>
    [Range(1, 36_500)]
    public required int? RetentionDays { get; init; }
}

/// <summary>A page of collections, newest first.</summary>
public sealed record CollectionList
{
    /// <summary>The collections of this page.</summary>
    public required IReadOnlyList<Collection> Collections { get; init; }

    /// <summary>What to ask the next page with; null on the last page.</summary>
    public required string? NextCursor { get; init; }
}

/// <summary>A collection to create.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CreateCollection
{
    /// <summary>The name that people give it.</summary>
    [StringLength(200, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [StringLength(2000)]
    public string? Description { get; init; }

    /// <summary>Settings that differ from the defaults.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CollectionSettingsChange? Settings { get; init; }
}
