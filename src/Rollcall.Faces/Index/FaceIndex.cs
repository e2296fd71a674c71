namespace Rollcall.Faces.Index;

/// <summary>One step of a collection's change feed.</summary>
/// <param name="ChangeSeq">The step's number; numbers rise.</param>
/// <param name="FaceKey">The face.</param>
/// <param name="PersonKey">The person whose face it is.</param>
/// <param name="Vector">The face's vector of unit length, or null when the face was removed.</param>
public readonly record struct FaceChange(long ChangeSeq, long FaceKey, long PersonKey, float[]? Vector);

/// <summary>A face that may belong to the exact answer.</summary>
/// <param name="FaceKey">The face.</param>
/// <param name="PersonKey">The person whose face it is.</param>
/// <param name="Cosine">The cosine from the quantised vectors, within the index's error bound of the true one.</param>
public readonly record struct FaceCandidate(long FaceKey, long PersonKey, float Cosine);

/// <summary>A face of the exact answer.</summary>
/// <param name="FaceKey">The face.</param>
/// <param name="PersonKey">The person whose face it is.</param>
/// <param name="Cosine">The cosine, from float32 vectors.</param>
public readonly record struct FaceHit(long FaceKey, long PersonKey, float Cosine);

/// <summary>Exact search over the vectors of one collection.</summary>
/// <param name="dimensions">The length of the vectors.</param>
#pragma warning disable CS9113, CA1822, IDE0060 // the body follows
public sealed class FaceIndex(int dimensions)
{
    /// <summary>The highest change number taken up, 0 at first.</summary>
    public long LastChange { get; }

    /// <summary>How many faces are held.</summary>
    public int Count { get; }

    /// <summary>Takes up changes in the order of their numbers; those taken up before are passed over.</summary>
    /// <param name="changes">In rising order of <see cref="FaceChange.ChangeSeq"/>.</param>
    public void Apply(IReadOnlyList<FaceChange> changes) => throw new NotImplementedException();

    /// <summary>Candidates that contain every entry of the exact answer.</summary>
    /// <param name="probe">A vector of unit length.</param>
    /// <param name="topK">How many hits the exact answer holds at most.</param>
    /// <param name="minCosine">The least cosine of a hit.</param>
    /// <param name="onePerPerson">Whether only a person's best face is a hit.</param>
    public IReadOnlyList<FaceCandidate> Search(ReadOnlySpan<float> probe, int topK, double minCosine, bool onePerPerson) =>
        throw new NotImplementedException();

    /// <summary>The exact answer from candidates and their float32 vectors: best first, ties by face key.</summary>
    /// <param name="probe">A vector of unit length.</param>
    /// <param name="candidates">What <see cref="Search"/> named, with the stored vectors.</param>
    /// <param name="topK">How many hits at most.</param>
    /// <param name="minCosine">The least cosine of a hit.</param>
    /// <param name="onePerPerson">Whether only a person's best face is a hit.</param>
    public static IReadOnlyList<FaceHit> Rescore(
        ReadOnlySpan<float> probe,
        IReadOnlyList<(long FaceKey, long PersonKey, float[] Vector)> candidates,
        int topK,
        double minCosine,
        bool onePerPerson) => throw new NotImplementedException();
}
#pragma warning restore CS9113, CA1822, IDE0060
