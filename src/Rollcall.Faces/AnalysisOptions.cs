namespace Rollcall.Faces;

/// <summary>What to do when two or more faces of a picture count.</summary>
public enum MultipleFacesRule
{
    /// <summary>The picture is refused: <see cref="FaceAnalysis.ManyFaces"/>.</summary>
    Reject,

    /// <summary>The face with the largest box is taken, the rest are only counted.</summary>
    Largest,

    /// <summary>The face that is most like <see cref="AnalysisOptions.Known"/> is taken; without any, or with too many faces to look through, the picture is refused.</summary>
    MostLike,
}

/// <summary>The caller's gates for one picture.</summary>
public sealed record AnalysisOptions
{
    /// <summary>What to do when two or more faces count. Default: <see cref="MultipleFacesRule.Reject"/>.</summary>
    public MultipleFacesRule MultipleFaces { get; init; } = MultipleFacesRule.Reject;

    /// <summary>
    /// The lowest acceptable <see cref="FaceQuality.Score"/>, 0..1; a face below it is <see cref="FaceAnalysis.TooPoor"/>.
    /// 0 is no gate. Default 0.4, the score below which 1 % of the faces of LFW lie.
    /// </summary>
    public double MinQuality { get; init; } = 0.4;

    /// <summary>The vectors of the person who is looked for, by the same pack: what <see cref="MultipleFacesRule.MostLike"/> goes by.</summary>
    public IReadOnlyList<float[]> Known { get; init; } = [];

    /// <summary>
    /// Whether a face that looks like a picture of a picture is refused: <see cref="FaceAnalysis.NotLive"/>. Only where
    /// <see cref="FaceEngine.ChecksLiveness"/>.
    /// </summary>
    public bool CheckLiveness { get; init; }

    /// <summary>Takes the times of the stages; none by default, and then no time is taken.</summary>
    public StageClock? Clock { get; init; }
}
