namespace Rollcall.Faces.Models;

public sealed partial record ModelPack
{
    /// <summary>
    /// Trained by this project (training/) and a part of it, so that a clone works without a network: for trying out, never for
    /// production. Its figures are in the file that `Rollcall.Benchmarks seal` writes.
    /// </summary>
    public static ModelPack Compact { get; } = new()
    {
        Id = "compact",
        Dimensions = 128,
        BuiltIn = true,
        Evaluation = true,
        Caveat =
            "For trying out and offline evaluation, not for production: a small pack that this project trained on photographs for research. "
            + $"{CompactFigures.Accuracy} For production obtain the pack 'standard': docs/models.md.",
        Files =
        [
            new(ModelRole.Detect, "detector.onnx", CompactFigures.DetectorSha256, CompactFigures.DetectorBytes, null, CompactLicence),
            new(ModelRole.Embed, "embedder.onnx", CompactFigures.EmbedderSha256, CompactFigures.EmbedderBytes, null, CompactLicence),
        ],
        Embedder = new(112, ChannelOrder.Rgb, FaceInput.Each(127.5f), FaceInput.Each(127.5f), FaceInput.ArcFace112),
        DetectionThreshold = CompactFigures.DetectionThreshold,
        Calibration = new(CompactFigures.Cosines),
        Quality = new(CompactFigures.Qualities),
    };

    private const string CompactLicence = "this repository's; trained on Labeled Faces in the Wild, photographs for research";
}
