using System.Numerics.Tensors;

namespace Rollcall.Faces;

/// <summary>
/// How one of several faces of a picture was taken for somebody of whom there are references. It can be held against other references, to
/// see whether they would choose the same.
/// </summary>
/// <param name="Faces">The vector of each face, the largest face first; empty where there was no reference to choose by.</param>
/// <param name="Taken">The place of the one that was taken.</param>
public sealed record FaceChoice(IReadOnlyList<float[]> Faces, int Taken)
{
    /// <summary>There were several faces and no reference to choose by.</summary>
    public static FaceChoice Impossible { get; } = new([], 0);

    /// <summary>The face that is most like one of the references; of those that are equally like it, the largest.</summary>
    /// <param name="faces">The vector of each face, the largest face first.</param>
    /// <param name="known">At least one reference.</param>
    public static FaceChoice Among(IReadOnlyList<float[]> faces, IReadOnlyList<float[]> known)
    {
        ArgumentNullException.ThrowIfNull(faces);
        ArgumentNullException.ThrowIfNull(known);
        return new(faces, Enumerable.Range(0, faces.Count).MaxBy(face => known.Max(one => TensorPrimitives.Dot<float>(faces[face], one))));
    }

    /// <summary>Whether these references choose the same.</summary>
    /// <param name="known">References of the same person, perhaps none.</param>
    public bool HoldsFor(IReadOnlyList<float[]> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        if (Faces.Count == 0 || known.Count == 0)
            return Faces.Count == 0 && known.Count == 0;
        return Among(Faces, known).Taken == Taken;
    }
}
