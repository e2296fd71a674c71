using System.Numerics.Tensors;
using Rollcall.Faces.Models;

namespace Rollcall.Server.Recognition;

/// <summary>
/// How alike two faces are, as it is answered. The decision is made on the figures of the answer, so that it never contradicts them: the very
/// same picture reaches a threshold of 1, and 0.5 is not refused at 0.5 for a digit that nobody sees.
/// </summary>
internal readonly record struct Pair(double Similarity, double Cosine)
{
    public static Pair Of(ReadOnlySpan<float> one, ReadOnlySpan<float> other, ScoreCalibration calibration) => Of(TensorPrimitives.Dot(one, other), calibration);

    public static Pair Of(float cosine, ScoreCalibration calibration) =>
        new(Math.Round(calibration.ToSimilarity(cosine), 4), Math.Round(Math.Clamp((double)cosine, -1, 1), 4));

    public bool Reaches(double threshold) => Similarity >= threshold;
}
