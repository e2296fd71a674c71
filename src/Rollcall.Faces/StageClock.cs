namespace Rollcall.Faces;

/// <summary>The stages of an analysis, in their order.</summary>
public enum FaceStage
{
    /// <summary>Bytes become pixels.</summary>
    Decode,

    /// <summary>The faces are found.</summary>
    Detect,

    /// <summary>One of several faces is chosen, where that is asked for.</summary>
    Choose,

    /// <summary>The chosen face is brought into the pose of the template.</summary>
    Align,

    /// <summary>Its quality is judged.</summary>
    Assess,

    /// <summary>Whether it is alive is judged, where that is asked for.</summary>
    Liveness,

    /// <summary>It becomes a vector, unless it has become one to be chosen.</summary>
    Embed,
}

/// <summary>Takes the times of the stages of one analysis, for who wants to know them.</summary>
/// <param name="time">What tells the time.</param>
public sealed class StageClock(TimeProvider time)
{
    private readonly List<(FaceStage Stage, TimeSpan Took)> _times = [];
    private long _mark;

    /// <summary>The stages that were gone through and what each took; an analysis that ends early has gone through fewer.</summary>
    public IReadOnlyList<(FaceStage Stage, TimeSpan Took)> Times => _times;

    internal void Start() => _mark = time.GetTimestamp();

    internal void End(FaceStage stage)
    {
        var now = time.GetTimestamp();
        _times.Add((stage, time.GetElapsedTime(_mark, now)));
        _mark = now;
    }
}
