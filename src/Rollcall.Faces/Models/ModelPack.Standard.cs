namespace Rollcall.Faces.Models;

public sealed partial record ModelPack
{
    private static ModelFile YuNetDynamic => new(
        ModelRole.Detect,
        "yunet_n_dynamic.onnx",
        "104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12",
        322_906,
        new("https://raw.githubusercontent.com/ShiqiYu/libfacedetection.train/"
            + "0047ac24afb1a50a0c6105001c89d1b5b805dbf1/onnx/yunet_n_dynamic.onnx"),
        "Apache-2.0; trained on WIDER FACE");

    // Measured by `Rollcall.Benchmarks calibrate`: the raw quality of the first and the fiftieth of a hundred faces of LFW, on
    // crops of 112 pixels by ArcFace's template, without a quality model.
    private static QualityCalibration CropQuality => new([new(0, 0), new(0.1894, 0.4), new(0.6052, 0.8), new(1, 1)]);

    private const string MiniFasNetV2 = "2.7_80x80_MiniFASNetV2.onnx";
    private const string MiniFasNetV1Se = "4_0_0_80x80_MiniFASNetV1SE.onnx";

    // The models' authors take the class with the largest mean; from a half on that is surely the living one. What passes and
    // what does not was measured with `Rollcall.Benchmarks liveness` (docs/models.md).
    private const double LivenessThreshold = 0.5;

    /// <summary>The default: YuNet and MobileFaceNet, 128 numbers a face, for a machine without an accelerator.</summary>
    public static ModelPack Standard { get; } = new()
    {
        Id = "standard",
        Dimensions = 128,
        Files =
        [
            YuNetDynamic,
            new(ModelRole.Embed,
                "MobileFaceNet.onnx",
                "b7120c095d60094f28a4a54ba6a8bf51b297a6273fb40ef6350dfec1f63d9507",
                3_998_070,
                new("https://raw.githubusercontent.com/foamliu/MobileFaceNet/"
                    + "a6cc9032a659b615f477833e1a70b5e7931bcccc/weights/MobileFaceNet.onnx"),
                "Apache-2.0 (the repository's); trained on a refined MS-Celeb-1M"),
            new(ModelRole.Liveness,
                MiniFasNetV2,
                "f0616a1c7123d4978623910241b812943d2d5bba032eac26cc0416764517ef4a",
                1_744_126,
                new("https://raw.githubusercontent.com/fizray/project-ineffa/"
                    + "4ff8a47a372d1e422a3ba8f33775fc889ed7fca3/models/2.7_80x80_MiniFASNetV2.onnx"),
                "Apache-2.0 (minivision Silent-Face-Anti-Spoofing)"),
        ],
        // ImageNet's mean and deviation, as MobileFaceNet was trained.
        Embedder = new(
            112,
            ChannelOrder.Rgb,
            [0.485f * 255, 0.456f * 255, 0.406f * 255],
            [0.229f * 255, 0.224f * 255, 0.225f * 255],
            FaceInput.ArcFace112),
        // Measured: `Rollcall.Benchmarks calibrate`, 29.6 million pairs of different people (docs/models.md).
        Calibration = new(
        [
            new(0.5, 0.0083),
            new(1e-1, 0.1398),
            new(1e-2, 0.2501),
            new(1e-3, 0.3331),
            new(1e-4, 0.4009),
            new(1e-5, 0.4585),
            new(1e-6, 0.5161),
        ]),
        Quality = CropQuality,
        Liveness = new(new Dictionary<string, double> { [MiniFasNetV2] = 2.7 }, LivenessThreshold),
    };
}
