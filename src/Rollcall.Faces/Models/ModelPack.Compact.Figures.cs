namespace Rollcall.Faces.Models;

public sealed partial record ModelPack
{
    /// <summary>Written by `Rollcall.Benchmarks seal` (training/README.md), which measured all of it; not to be edited.</summary>
    private static class CompactFigures
    {
        public const string DetectorSha256 = "42a983087bd6a38bbe59e96c7cd4de202ab2fc9921d5f2174cf6fa0db967ff43";
        public const long DetectorBytes = 260717;
        public const string EmbedderSha256 = "14a686e71c036e1992b06676447dc75b0371a251b7fb9df42b24286dc2bd4b53";
        public const long EmbedderBytes = 1406056;
        public const double DetectionThreshold = 0.6;

        public const string Accuracy =
            "On the folds 1 to 3 of LFW, which it was not trained on, it judges 98.4 % of the pairs rightly, and where 1 of 1,000 pairs "
            + "of strangers passes it misses 7.4 % of the pairs of one person.";

        // calibrate --held-out: people whom the embedder was neither trained nor tested on. Beyond the last point the scale is extrapolated.
        public static FmrPoint[] Cosines =>
        [
            new(0.5, 0.0120),
            new(0.1, 0.1453),
            new(0.01, 0.2660),
            new(0.001, 0.3618),
            new(0.0001, 0.4400),
        ];

        // The same people: the raw quality of the first and the fiftieth of a hundred faces.
        public static QualityPoint[] Qualities => [new(0, 0), new(0.1833, 0.4), new(0.5887, 0.8), new(1, 1)];
    }
}
