namespace Rollcall.Faces.Models;

/// <summary>One measured point: among pairs of different people, the fraction <see cref="Fmr"/> reaches <see cref="Cosine"/>.</summary>
/// <param name="Fmr">The false match rate, in (0, 1).</param>
/// <param name="Cosine">The cosine, in (-1, 1).</param>
public readonly record struct FmrPoint(double Fmr, double Cosine);

/// <summary>
/// Gives a model's cosines a meaning that does not depend on the model: false match rates (FMR), measured over pairs of
/// different people, and the similarity of the HTTP contract.
/// </summary>
/// <remarks>
/// Similarity is an S-curve of the cosine, strictly rising, 0 at -1 and 1 at 1. It is pinned at two measured points:
/// exactly 0.5 at FMR 1e-4, and the steepness is such that FMR 1e-3 lies at about 1/3 (the odds halve where the strangers
/// become ten times as many). Between the measured points the FMR is interpolated log-linearly. Beyond the last one it goes
/// on along the last segment: the true tail falls faster than a straight line in the logarithm, so that thresholds from
/// there err on the side of too high, that is of fewer false matches.
/// </remarks>
public sealed class ScoreCalibration
{
    private const double Anchor = 1e-4;
    private readonly FmrPoint[] _points;
    private readonly double _centre;
    private readonly double _steepness;

    /// <summary>A calibration from a measured table.</summary>
    /// <param name="points">At least two points, FMR falling and cosine rising, covering 1e-3 and 1e-4.</param>
    /// <exception cref="ArgumentException">The points are not in that order.</exception>
    public ScoreCalibration(IReadOnlyList<FmrPoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        _points = [.. points];
        if (_points.Length < 2 || _points[0].Fmr < 1e-3 || _points[^1].Fmr > Anchor)
            throw new ArgumentException("The table must reach from an FMR of 1e-3 or more to 1e-4 or less.", nameof(points));
        for (var i = 1; i < _points.Length; i++)
        {
            if (_points[i].Fmr >= _points[i - 1].Fmr || _points[i].Cosine <= _points[i - 1].Cosine)
                throw new ArgumentException("FMR must fall and cosine must rise from point to point.", nameof(points));
        }

        _centre = CosineAtFmr(Anchor);
        _steepness = Math.Log(2) / (_centre - CosineAtFmr(1e-3)) / 2;
    }

    /// <summary>The measured points, FMR falling.</summary>
    public IReadOnlyList<FmrPoint> Points => _points;

    /// <summary>The similarity at an FMR of 1 in 100: below it two pictures are hardly of one person.</summary>
    public double IdentityGuard => ToSimilarity(CosineAtFmr(1e-2));

    /// <summary>The similarity, 0..1, of a cosine. Strictly rising.</summary>
    /// <param name="cosine">Clamped into -1..1.</param>
    public double ToSimilarity(double cosine)
    {
        cosine = Math.Clamp(cosine, -1, 1);
        var end = cosine < _centre ? -1 : 1;
        return 0.5 + (0.5 * end * Math.Tanh(_steepness * (cosine - _centre)) / Math.Tanh(_steepness * (end - _centre)));
    }

    /// <summary>The cosine, -1..1, of a similarity: the inverse of <see cref="ToSimilarity"/>.</summary>
    /// <param name="similarity">Clamped into 0..1.</param>
    public double ToCosine(double similarity)
    {
        similarity = Math.Clamp(similarity, 0, 1);
        var end = similarity < 0.5 ? -1 : 1;
        var share = end * ((2 * similarity) - 1) * Math.Tanh(_steepness * (end - _centre));
        return Math.Clamp(_centre + (Math.Atanh(share) / _steepness), -1, 1);
    }

    /// <summary>The cosine that the fraction <paramref name="fmr"/> of pairs of different people reaches.</summary>
    /// <param name="fmr">In (0, 1].</param>
    public double CosineAtFmr(double fmr)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fmr);
        var i = 1;
        while (i < _points.Length - 1 && fmr < _points[i].Fmr)
            i++;
        var (low, high) = (_points[i - 1], _points[i]);
        var t = Math.Log(fmr / low.Fmr) / Math.Log(high.Fmr / low.Fmr);
        return Math.Clamp(low.Cosine + (t * (high.Cosine - low.Cosine)), -1, 1);
    }

    /// <summary>
    /// The similarity at which a stranger matches anyone among <paramref name="gallerySize"/> references with a probability
    /// of at most 1 %: FMR 1 - 0.99^(1/n) for each comparison. Never below 0.5.
    /// </summary>
    /// <param name="gallerySize">References searched; below 1 counts as 1.</param>
    public double IdentifyThreshold(long gallerySize)
    {
        // 1 - e^x for a tiny x: -x(1 + x/2) keeps the digits that 1 - Math.Exp(x) would cancel.
        var x = Math.Log(0.99) / Math.Max(1, gallerySize);
        var fmr = -x * (1 + (x / 2));
        return Math.Max(0.5, ToSimilarity(CosineAtFmr(fmr)));
    }
}
