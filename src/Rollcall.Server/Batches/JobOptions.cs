using System.Text.Json;
using Rollcall.Client.Contracts;
using Rollcall.Faces;

namespace Rollcall.Server.Batches;

/// <summary>What a job was submitted with, gates included. It is kept with the job, so that a later change of the collection does not change it.</summary>
internal sealed record JobOptions
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public required OnDuplicate OnDuplicate { get; init; }

    public required MultipleFaces MultipleFaces { get; init; }

    public required double MinQuality { get; init; }

    /// <summary>Whether a picture of a picture fails. Not required: a job of an older version does not say.</summary>
    public bool CheckLiveness { get; init; }

    public required bool AllowIdentityChange { get; init; }

    /// <summary>Similarity below which an image is not taken for the same person.</summary>
    public required double IdentityGuard { get; init; }

    /// <summary>Whether the references that the job makes keep their images. Not required: a job of an older version does not say.</summary>
    public bool KeepImages { get; init; }

    /// <summary>Whether the job only tells what would happen.</summary>
    public bool DryRun { get; init; }

    public AnalysisOptions ToAnalysis() => new()
    {
        MultipleFaces = MultipleFaces switch
        {
            MultipleFaces.Largest => MultipleFacesRule.Largest,
            MultipleFaces.MatchExisting => MultipleFacesRule.MostLike,
            _ => MultipleFacesRule.Reject,
        },
        MinQuality = MinQuality,
        CheckLiveness = CheckLiveness,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static JobOptions FromJson(string json) => JsonSerializer.Deserialize<JobOptions>(json, Json)!;
}
