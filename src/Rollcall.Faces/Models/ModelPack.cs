namespace Rollcall.Faces.Models;

/// <summary>The order of the colour planes in a model's input.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red.</summary>
    Bgr,
}

/// <summary>What the embedding model takes: planes of floats (v / 255 - mean) / deviation, for an aligned face.</summary>
/// <param name="Side">The width and height of the input, pixels.</param>
/// <param name="Channels">The order of the planes.</param>
/// <param name="Mean">Subtracted from v / 255, for red, green and blue.</param>
/// <param name="Deviation">Divided by, for red, green and blue.</param>
/// <param name="Template">
/// Where the landmarks belong, pixels of the input: x and y of left eye, right eye, nose, left and right mouth corner.
/// </param>
public sealed record EmbedderInput(
    int Side, ChannelOrder Channels, IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation, IReadOnlyList<float> Template);

/// <summary>
/// The manifest of a set of models that belong together: what they are, where they come from, how they are fed and what
/// their numbers mean. Vectors of two packs are never compared.
/// </summary>
public sealed partial record ModelPack
{
    /// <summary>The name that configuration, collections and faces carry, as <c>standard</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The length of the vectors.</summary>
    public required int Dimensions { get; init; }

    /// <summary>The files, one for each <see cref="ModelRole"/>.</summary>
    public required IReadOnlyList<ModelFile> Files { get; init; }

    /// <summary>How the embedding model is fed.</summary>
    public required EmbedderInput Embedder { get; init; }

    /// <summary>The meaning of a cosine.</summary>
    public required ScoreCalibration Calibration { get; init; }

    /// <summary>The scale of the quality score.</summary>
    public required QualityCalibration Quality { get; init; }

    /// <summary>The least detection score of a face that counts, 0..1.</summary>
    public double DetectionThreshold { get; init; } = 0.85;

    /// <summary>The least short side of the box of a face that counts, in pixels of the original picture.</summary>
    public double MinFaceSide { get; init; } = 24;

    /// <summary>Every pack this build knows.</summary>
    public static IReadOnlyList<ModelPack> All => [Standard];

    /// <summary>The pack of this id, or null. Ids are compared exactly.</summary>
    /// <param name="id">As in <see cref="Id"/>.</param>
    public static ModelPack? Find(string id) => All.FirstOrDefault(pack => pack.Id == id);
}
