using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>Which failed items to try again, and with what gates: what is null or absent is as it was in the job that failed on them.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RetryBatch
{
    /// <summary>What happens to an external id that is enrolled already.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OnDuplicate? OnDuplicate { get; init; }

    /// <summary>What happens when more than one face counts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MultipleFaces? MultipleFaces { get; init; }

    /// <summary>Faces of a lower quality score fail, 0 to 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Range(0.0, 1.0)]
    public double? MinQuality { get; init; }

    /// <summary>Whether a picture of a picture fails. True is refused by a server that has no model to tell.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? CheckLiveness { get; init; }

    /// <summary>Whether a face unlike the person's existing references may still be enrolled.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? AllowIdentityChange { get; init; }

    /// <summary>Whether the job only tells what would happen.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? DryRun { get; init; }

    /// <summary>Only items that failed with one of these codes; null for all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Codes { get; init; }
}
