namespace Rollcall.Faces.Models;

/// <summary>One point of the map from a raw quality to the score.</summary>
/// <param name="Raw">The raw quality, 0..1.</param>
/// <param name="Score">The score, 0..1.</param>
public readonly record struct QualityPoint(double Raw, double Score);

/// <summary>
/// Scales raw quality to the contract's score: 1 % of the faces of LFW below 0.4, the median at 0.8. Piecewise linear and
/// rising, through points that <c>Rollcall.Benchmarks calibrate</c> prints.
/// </summary>
public sealed class QualityCalibration
{
    private readonly QualityPoint[] _points;

    /// <summary>A calibration from measured points.</summary>
    /// <param name="points">At least two, both numbers rising, from score 0 to score 1.</param>
    /// <exception cref="ArgumentException">The points do not rise.</exception>
    public QualityCalibration(IReadOnlyList<QualityPoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        _points = [.. points];
        for (var i = 1; i < _points.Length; i++)
        {
            if (_points[i].Raw <= _points[i - 1].Raw || _points[i].Score <= _points[i - 1].Score)
                throw new ArgumentException("Raw and score must rise from point to point.", nameof(points));
        }

        if (_points.Length < 2 || _points[0].Score != 0 || _points[^1].Score != 1)
            throw new ArgumentException("The points must reach from score 0 to score 1.", nameof(points));
    }

    /// <summary>The measured points, rising.</summary>
    public IReadOnlyList<QualityPoint> Points => _points;

    /// <summary>The score, 0..1, of a raw quality. Values beyond the ends are clamped.</summary>
    /// <param name="raw">The raw quality.</param>
    public double ToScore(double raw)
    {
        if (raw <= _points[0].Raw)
            return 0;
        for (var i = 1; i < _points.Length; i++)
        {
            var (low, high) = (_points[i - 1], _points[i]);
            if (raw <= high.Raw)
                return low.Score + ((raw - low.Raw) / (high.Raw - low.Raw) * (high.Score - low.Score));
        }

        return 1;
    }
}
