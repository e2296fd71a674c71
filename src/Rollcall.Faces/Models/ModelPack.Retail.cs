namespace Rollcall.Faces.Models;

public sealed partial record ModelPack
{
    /// <summary>
    /// More accurate and slower: YuNet, Open Model Zoo's face-reidentification-retail-0095 with 256 numbers a face, and
    /// LightQNet. Its files were converted from the authors' formats, so no public address serves these bytes.
    /// </summary>
    public static ModelPack Retail { get; } = new()
    {
        Id = "retail",
        Dimensions = 256,
        Files =
        [
            YuNetDynamic,
            new(ModelRole.Embed,
                "face-reidentification-retail-0095.onnx",
                "b5082c1dc6f1fdc2f9d8a8c1d82898c123814a444416a4ef8ab78fffa2039ed5",
                4_444_449,
                null,
                "Apache-2.0 (Open Model Zoo)"),
            new(ModelRole.Quality,
                "lightqnet-dm100.onnx",
                "3c6baa30381e2151c8069b8674f1e8ce83a545fcd7716d3e6ae04c138703791c",
                1_699_505,
                null,
                "MIT (LightQNet)"),
            new(ModelRole.Liveness,
                MiniFasNetV2,
                "15be61329dd23a8004a88fbab66f009154987542adee9f13f7b948ddc9035bb5",
                1_744_191,
                null,
                "Apache-2.0 (minivision Silent-Face-Anti-Spoofing)"),
            new(ModelRole.Liveness,
                MiniFasNetV1Se,
                "61b3994721cd55c5c1229ddaebf380de2d042f42a8347e8cefde440fa9c1d18a",
                1_743_360,
                null,
                "Apache-2.0 (minivision Silent-Face-Anti-Spoofing)"),
        ],
        // The scale is a part of the graph. The template is the model's own, given there in fractions of the side.
        Embedder = new(
            128,
            ChannelOrder.Bgr,
            FaceInput.Each(0),
            FaceInput.Each(1),
            [
                .. new[]
                {
                    0.31556875f, 0.46157411f, 0.68262292f, 0.46157411f, 0.50026250f, 0.64050536f,
                    0.34947188f, 0.82469196f, 0.65343646f, 0.82469196f,
                }.Select(fraction => fraction * 128),
            ]),
        QualityModel = new(
            96, ChannelOrder.Bgr, FaceInput.Each(128), FaceInput.Each(128), [.. FaceInput.ArcFace112.Select(at => at * 96 / 112)]),
        // Measured: `Rollcall.Benchmarks calibrate --pack retail`, 29.6 million pairs of different people (docs/models.md).
        Calibration = new(
        [
            new(0.5, 0.0035),
            new(1e-1, 0.1244),
            new(1e-2, 0.2404),
            new(1e-3, 0.3399),
            new(1e-4, 0.4251),
            new(1e-5, 0.5009),
            new(1e-6, 0.5690),
        ]),
        // The percentiles of LFW on this crop, brought to the grades that they have on the one of 112 pixels.
        Sharpness = (0.516, 0.609),
        // Measured by the same command: the raw quality of the first and the fiftieth of a hundred faces of LFW.
        Quality = new([new(0, 0), new(0.1632, 0.4), new(0.5809, 0.8), new(1, 1)]),
        Liveness = new(new Dictionary<string, double> { [MiniFasNetV2] = 2.7, [MiniFasNetV1Se] = 4.0 }, LivenessThreshold),
    };
}
