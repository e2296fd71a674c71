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
/// <param name="Cosine">The cosine from the quantised vector; the true one differs by a few thousandths.</param>
public readonly record struct FaceCandidate(long FaceKey, long PersonKey, float Cosine);

/// <summary>A face of the exact answer.</summary>
/// <param name="FaceKey">The face.</param>
/// <param name="PersonKey">The person whose face it is.</param>
/// <param name="Cosine">The cosine, from float32 vectors.</param>
public readonly record struct FaceHit(long FaceKey, long PersonKey, float Cosine);
