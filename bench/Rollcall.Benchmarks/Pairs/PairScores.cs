using System.Numerics.Tensors;
using Rollcall.Faces;
using Rollcall.Faces.Models;

namespace Rollcall.Benchmarks.Pairs;

/// <summary>The cosines of LFW's pairs, and what follows from them.</summary>
/// <remarks>
/// The face of an image is the centred one: the person it is named after. A pair of which a picture gave no face counts as
/// a cosine of -1.
/// </remarks>
internal sealed class PairScores
{
    /// <summary>The most that an identity guard may refuse of the pairs of one person.</summary>
    public const double MostGenuineRefused = 0.01;

    /// <summary>The least that it must refuse of the pairs of strangers.</summary>
    public const double LeastStrangersRefused = 0.98;

    private readonly List<LfwPair> _pairs;
    private readonly float[] _cosines;

    /// <summary>Of vectors that are there already.</summary>
    public PairScores(List<LfwPair> pairs, int images, IReadOnlyDictionary<LfwImage, float[]> vectors)
    {
        (_pairs, Images, WithFace) = (pairs, images, vectors.Count);
        _cosines = [.. pairs.Select(pair => vectors.TryGetValue(pair.A, out var a) && vectors.TryGetValue(pair.B, out var b)
            ? TensorPrimitives.Dot<float>(a, b)
            : -1)];
    }

    /// <summary>How many images the pairs name.</summary>
    public int Images { get; }

    /// <summary>How many of them gave a face.</summary>
    public int WithFace { get; }

    /// <summary>Examines the images of the first folds.</summary>
    public static PairScores Measure(string root, FaceEngine engine, int folds = 10, bool largest = false)
    {
        var pairs = Lfw.Pairs(root).FindAll(pair => pair.Fold < folds);
        var images = pairs.SelectMany(pair => new[] { pair.A, pair.B }).Distinct().ToList();
        var vectors = images.Zip(Lfw.Examine(root, engine, images, largest)).Where(pair => pair.Second is not null)
            .ToDictionary(pair => pair.First, pair => pair.Second!.Embedding);
        return new(pairs, images.Count, vectors);
    }

    /// <summary>The standard protocol: the threshold of each fold is the best one of the others. Mean and deviation, 0..1.</summary>
    public (double Mean, double Deviation) Accuracy()
    {
        var folds = _pairs.Select(pair => pair.Fold).Distinct().Select(Accuracy).ToArray();
        var mean = folds.Average();
        return (mean, Math.Sqrt(folds.Sum(fold => (fold - mean) * (fold - mean)) / folds.Length));
    }

    /// <summary>The share of pairs of one person that pass where that share of strangers does.</summary>
    public double TrueAccepts(double falseAccepts)
    {
        var strangers = _cosines.Where((_, i) => !_pairs[i].Same).OrderDescending().ToArray();
        var threshold = strangers[(int)(strangers.Length * falseAccepts)];
        return ShareOf(same: true, cosine => cosine > threshold);
    }

    /// <summary>What the pack's identity guard refuses: a share of the pairs of one person, and one of the strangers.</summary>
    public (double Genuine, double Strangers) Refused(ScoreCalibration calibration)
    {
        // As the product does it: similarity against similarity.
        var guard = calibration.IdentityGuard;
        double Refused(bool same) => ShareOf(same, cosine => calibration.ToSimilarity(cosine) < guard);
        return (Refused(true), Refused(false));
    }

    private double ShareOf(bool same, Func<float, bool> which)
    {
        var of = _cosines.Where((_, i) => _pairs[i].Same == same).ToArray();
        return (double)of.Count(which) / of.Length;
    }

    private double Accuracy(int fold)
    {
        var others = Enumerable.Range(0, _pairs.Count).Where(i => _pairs[i].Fold != fold).OrderByDescending(i => _cosines[i]).ToArray();
        // Going down the scores: how many are right when all above this one are called the same person?
        var right = others.Count(i => !_pairs[i].Same);
        var (best, threshold) = (right, float.PositiveInfinity);
        foreach (var i in others)
        {
            right += _pairs[i].Same ? 1 : -1;
            if (right > best)
                (best, threshold) = (right, _cosines[i]);
        }

        var tested = Enumerable.Range(0, _pairs.Count).Where(i => _pairs[i].Fold == fold).ToArray();
        return (double)tested.Count(i => (_cosines[i] >= threshold) == _pairs[i].Same) / tested.Length;
    }
}
