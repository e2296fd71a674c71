namespace Rollcall.Faces;

/// <summary>What came of one picture. Closed: the nested records are all there are.</summary>
public abstract record FaceAnalysis
{
    private protected FaceAnalysis()
    {
    }

    /// <summary>How the face was chosen, or could not be, by <see cref="MultipleFacesRule.MostLike"/>; null where there was nothing to choose.</summary>
    public FaceChoice? Choice { get; init; }

    /// <summary>One face was taken and turned into a vector.</summary>
    /// <param name="Face">The face that was taken.</param>
    /// <param name="Embedding">A vector of unit length, as long as the pack's <see cref="Models.ModelPack.Dimensions"/>.</param>
    /// <param name="FacesFound">How many faces counted, 1 or more.</param>
    public sealed record Found(AssessedFace Face, float[] Embedding, int FacesFound) : FaceAnalysis;

    /// <summary>No face counted: none scored the pack's threshold with a box of the least side.</summary>
    public sealed record NoFace : FaceAnalysis;

    /// <summary>Two or more faces counted and the caller asked for one, or none of them could be chosen.</summary>
    /// <param name="FacesFound">How many faces counted, 2 or more.</param>
    /// <param name="Cause">Why none of them was taken.</param>
    public sealed record ManyFaces(int FacesFound, ManyFacesCause Cause) : FaceAnalysis;

    /// <summary>The face lies below the caller's <see cref="AnalysisOptions.MinQuality"/>.</summary>
    /// <param name="Face">The face; its <see cref="FaceQuality.Reasons"/> name at least one.</param>
    /// <param name="FacesFound">How many faces counted, 1 or more.</param>
    public sealed record TooPoor(AssessedFace Face, int FacesFound) : FaceAnalysis;

    /// <summary>The face looks like a picture of a picture.</summary>
    /// <param name="Face">The face.</param>
    /// <param name="Score">How much it looks like a living one, 0..1.</param>
    /// <param name="Threshold">The least score of a face that passes.</param>
    /// <param name="FacesFound">How many faces counted, 1 or more.</param>
    public sealed record NotLive(AssessedFace Face, double Score, double Threshold, int FacesFound) : FaceAnalysis;

    /// <summary>The bytes are no picture that can be worked on.</summary>
    /// <param name="Cause">The cause, for programs.</param>
    /// <param name="Message">The cause with its figures, for people; it holds nothing of the picture itself.</param>
    public sealed record Unreadable(UnreadableCause Cause, string Message) : FaceAnalysis;
}

/// <summary>Why none of several faces was taken.</summary>
public enum ManyFacesCause
{
    /// <summary>The caller wanted one face alone: <see cref="MultipleFacesRule.Reject"/>.</summary>
    Refused,

    /// <summary>There was nothing to choose by: <see cref="AnalysisOptions.Known"/> is empty.</summary>
    NobodyKnown,

    /// <summary>There were more of them than are looked through: <see cref="FaceEngine.MostToChooseFrom"/>.</summary>
    TooMany,
}

/// <summary>Why a picture could not be read.</summary>
public enum UnreadableCause
{
    /// <summary>Not JPEG, PNG or WebP by its first bytes; empty files, BMP and GIF included.</summary>
    UnsupportedFormat,

    /// <summary>More than 10 MB or more than 40 megapixels.</summary>
    ImageTooLarge,

    /// <summary>Less than 100 px on a side.</summary>
    ImageTooSmall,

    /// <summary>A file of a good format that does not decode whole.</summary>
    Corrupt,
}
