namespace Rollcall.Faces.Models;

/// <summary>The order of the colour planes in a model's input.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red.</summary>
    Bgr,
}

/// <summary>
/// What a model that looks at one face takes: a square crop in which the landmarks lie where the template says, as planes of
/// floats (v - mean) / deviation, v being 0..255.
/// </summary>
/// <param name="Side">The width and height of the input, pixels.</param>
/// <param name="Channels">The order of the planes.</param>
/// <param name="Mean">Subtracted, for red, green and blue; 0 for a model that takes the values as they are.</param>
/// <param name="Deviation">Divided by, for red, green and blue; 1 for a model that takes the values as they are.</param>
/// <param name="Template">
/// Where the landmarks belong, pixels of the input: x and y of left eye, right eye, nose, left and right mouth corner.
/// </param>
public sealed record FaceInput(
    int Side, ChannelOrder Channels, IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation, IReadOnlyList<float> Template)
{
    /// <summary>The template of the ArcFace paper, for 112 pixels.</summary>
    internal static IReadOnlyList<float> ArcFace112 { get; } =
        [38.2946f, 51.6963f, 73.5318f, 51.5014f, 56.0252f, 71.7366f, 41.5493f, 92.3655f, 70.7299f, 92.2041f];

    internal static IReadOnlyList<float> Each(float value) => [value, value, value];
}

/// <summary>How the models that judge liveness are fed, and what their judgement means.</summary>
/// <param name="Scales">For each file of the role, by its name: how many times as large as the face's box its crop is.</param>
/// <param name="Threshold">The least score of a face that passes: the mean of what the models give the class of living faces, 0..1.</param>
public sealed record LivenessInput(IReadOnlyDictionary<string, double> Scales, double Threshold);

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

    /// <summary>The files: one to detect, one to embed, and what else belongs to the pack.</summary>
    public required IReadOnlyList<ModelFile> Files { get; init; }

    /// <summary>How the embedding model is fed.</summary>
    public required FaceInput Embedder { get; init; }

    /// <summary>
    /// The sharpness of a smooth and of a sharp face. It depends on the size of the crop: the same face on a larger one has
    /// softer edges.
    /// </summary>
    public (double Smooth, double Sharp) Sharpness { get; init; } = (0.52, 0.64);

    /// <summary>How the quality model is fed, or null where quality is measured without one.</summary>
    public FaceInput? QualityModel { get; init; }

    /// <summary>How liveness is checked, or null where the pack has no model for it.</summary>
    public LivenessInput? Liveness { get; init; }

    /// <summary>What an operator must know before trusting the pack's numbers, or null when there is nothing.</summary>
    public string? Caveat { get; init; }

    /// <summary>Whether it is for trying out and not for production.</summary>
    public bool Evaluation { get; init; }

    /// <summary>Whether its files are a part of the program; they are looked for nowhere else.</summary>
    public bool BuiltIn { get; init; }

    /// <summary>The meaning of a cosine.</summary>
    public required ScoreCalibration Calibration { get; init; }

    /// <summary>The scale of the quality score.</summary>
    public required QualityCalibration Quality { get; init; }

    /// <summary>The least detection score of a face that counts, 0..1.</summary>
    public double DetectionThreshold { get; init; } = 0.85;

    /// <summary>The least short side of the box of a face that counts, in pixels of the original picture.</summary>
    public double MinFaceSide { get; init; } = 24;

    /// <summary>Every pack this build knows.</summary>
    public static IReadOnlyList<ModelPack> All => [Standard, Retail, OpenCvZoo, Compact];

    /// <summary>Whether this build cannot start without the file. Without one of the others it cannot check liveness, and says so.</summary>
    /// <param name="file">One of <see cref="Files"/>.</param>
    public bool Needs(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Role is ModelRole.Detect or ModelRole.Embed || (file.Role == ModelRole.Quality && QualityModel is not null);
    }

    /// <summary>The pack of this id, or null. Ids are compared exactly.</summary>
    /// <param name="id">As in <see cref="Id"/>.</param>
    public static ModelPack? Find(string id) => All.FirstOrDefault(pack => pack.Id == id);
}
