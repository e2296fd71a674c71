namespace Rollcall.Faces.Models;

public sealed partial record ModelPack
{
    /// <summary>Written by `Rollcall.Benchmarks seal` (training/README.md), which measured all of it; not to be edited.</summary>
    private static class CompactFigures
    {
        public const string DetectorSha256 = "d46db5f68e0752664c51e6afb23fb073560a36c2374f8fe7fd7075637d6c3681";
        public const long DetectorBytes = 260717;
        public const string EmbedderSha256 = "0b4d95bc7bbd1f1774b2eaf8ad6b54a22e210a5855bd38162e077f26c498e17f";
        public const long EmbedderBytes = 1185490;
        public const double DetectionThreshold = 0.65;

        public const string Accuracy =
            "On the folds 1 to 3 of LFW, which it was not trained on, it judges 96.2 % of the pairs rightly, and where 1 of 1,000 pairs "
            + "of strangers passes it misses 18.9 % of the pairs of one person.";

        // calibrate --held-out: people whom the embedder was neither trained nor tested on. Beyond the last point the scale is extrapolated.
        public static FmrPoint[] Cosines =>
        [
            new(0.5, 0.0184),
            new(0.1, 0.1676),
            new(0.01, 0.3047),
            new(0.001, 0.4130),
            new(0.0001, 0.5027),
        ];

        // The same people: the raw quality of the first and the fiftieth of a hundred faces.
        public static QualityPoint[] Qualities => [new(0, 0), new(0.2103, 0.4), new(0.5826, 0.8), new(1, 1)];
    }
}
