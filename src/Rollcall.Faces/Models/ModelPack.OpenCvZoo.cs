namespace Rollcall.Faces.Models;

public sealed partial record ModelPack
{
    /// <summary>
    /// OpenCV's zoo: YuNet with a fixed input and SFace, 128 numbers a face. Written from what is published about it; this
    /// project has not run it, as <see cref="Caveat"/> tells whoever starts it.
    /// </summary>
    public static ModelPack OpenCvZoo { get; } = new()
    {
        Id = "opencv-zoo",
        Dimensions = 128,
        Caveat =
            "This pack was not run by the makers of this build. Its scale is not measured: it is a cautious estimate from published "
            + "figures, so that similarities and default thresholds are stricter than they say. Measure it with "
            + "'Rollcall.Benchmarks calibrate --pack opencv-zoo' before you rely on it.",
        Files =
        [
            new(ModelRole.Detect,
                "face_detection_yunet_2023mar.onnx",
                "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
                232_589,
                new("https://github.com/opencv/opencv_zoo/raw/82b38c8f98e7b52aa171400f3e4c722352d0669f/"
                    + "models/face_detection_yunet/face_detection_yunet_2023mar.onnx"),
                "MIT; trained on WIDER FACE"),
            new(ModelRole.Embed,
                "face_recognition_sface_2021dec.onnx",
                "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
                38_696_353,
                new("https://github.com/opencv/opencv_zoo/raw/edef535367a4f8053b5bfb7580935c83772a9639/"
                    + "models/face_recognition_sface/face_recognition_sface_2021dec.onnx"),
                "Apache-2.0"),
        ],
        // As OpenCV's FaceRecognizerSF feeds it: planes red, green, blue of 0..255; the scale is a part of the graph.
        Embedder = new(112, ChannelOrder.Rgb, FaceInput.Each(0), FaceInput.Each(1), FaceInput.ArcFace112),
        // Published: 99.40 % of LFW's pairs right at OpenCV's threshold of 0.363. All errors together are then 1.2 % of the
        // pairs of strangers at most, so that 0.363 stands for 1e-2; from there 0.09 for each factor of ten, which is more
        // than any measured pack needs. What is wrong with this errs towards fewer matches.
        Calibration = new([new(1e-1, 0.273), new(1e-2, 0.363), new(1e-3, 0.453), new(1e-4, 0.543), new(1e-5, 0.633), new(1e-6, 0.723)]),
        // The crop is the standard pack's, and so is the scale of what is measured on it.
        Quality = CropQuality,
    };
}
