namespace Rollcall.Faces;

public sealed partial class FaceEngine
{
    /// <summary>Why none of several faces can be taken, or null.</summary>
    private static FaceAnalysis.ManyFaces? Refused(int faces, AnalysisOptions options) => options.MultipleFaces switch
    {
        MultipleFacesRule.Reject => new(faces, ManyFacesCause.Refused),
        MultipleFacesRule.MostLike when faces > MostToChooseFrom => new(faces, ManyFacesCause.TooMany),
        MultipleFacesRule.MostLike when options.Known.Count == 0 => new(faces, ManyFacesCause.NobodyKnown) { Choice = FaceChoice.Impossible },
        _ => null,
    };

    private FaceChoice Choose(Picture picture, List<Detection> faces, AnalysisOptions options, CancellationToken ct)
    {
        var vectors = new List<float[]>(faces.Count);
        foreach (var face in faces)
        {
            ct.ThrowIfCancellationRequested();
            using var aligned = _aligner.Align(picture, face);
            vectors.Add(_embedder.Embed(aligned));
        }

        var choice = FaceChoice.Among(vectors, options.Known);
        options.Clock?.End(FaceStage.Choose);
        return choice;
    }

    private FaceAnalysis.NotLive? NotLive(Picture picture, Detection taken, AssessedFace face, int faces, AnalysisOptions options)
    {
        var score = _liveness!.Score(picture, taken);
        options.Clock?.End(FaceStage.Liveness);
        return score < Pack.Liveness!.Threshold ? new(face, score, Pack.Liveness.Threshold, faces) : null;
    }
}
