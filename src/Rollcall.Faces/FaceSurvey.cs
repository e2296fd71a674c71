namespace Rollcall.Faces;

/// <summary>All faces of one picture. Closed: the nested records are all there are.</summary>
public abstract record FaceSurvey
{
    private protected FaceSurvey()
    {
    }

    /// <summary>The picture was read.</summary>
    /// <param name="Faces">Every face that counts, largest box first; empty when there is none.</param>
    public sealed record Read(IReadOnlyList<AssessedFace> Faces) : FaceSurvey;

    /// <summary>The bytes are no picture that can be worked on.</summary>
    /// <param name="Cause">The cause, for programs.</param>
    /// <param name="Message">The cause with its figures, for people.</param>
    public sealed record Unreadable(UnreadableCause Cause, string Message) : FaceSurvey;
}
