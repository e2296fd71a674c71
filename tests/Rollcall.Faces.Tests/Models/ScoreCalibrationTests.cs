using Rollcall.Faces.Models;

namespace Rollcall.Faces.Tests.Models;

public sealed class ScoreCalibrationTests
{
    private static readonly ScoreCalibration Calibration = ModelPack.Standard.Calibration;

    [Fact]
    public void Similarity_is_a_half_at_one_in_ten_thousand() =>
        Assert.Equal(0.5, Calibration.ToSimilarity(Calibration.CosineAtFmr(1e-4)), 12);

    [Fact]
    public void Similarity_rises_from_nought_to_one()
    {
        Assert.Equal(0, Calibration.ToSimilarity(-1), 12);
        Assert.Equal(1, Calibration.ToSimilarity(1), 12);
        Assert.Equal(1, Calibration.ToSimilarity(1.00001), 12);
        for (var cosine = -0.999; cosine < 1; cosine += 0.001)
            Assert.True(Calibration.ToSimilarity(cosine) > Calibration.ToSimilarity(cosine - 0.001));
    }

    [Fact]
    public void Cosine_is_the_inverse()
    {
        for (var cosine = -1.0; cosine <= 1; cosine += 0.01)
            Assert.Equal(cosine, Calibration.ToCosine(Calibration.ToSimilarity(cosine)), 6);
    }

    [Fact]
    public void The_table_is_met_at_its_points_and_falls_between_them()
    {
        foreach (var point in Calibration.Points)
            Assert.Equal(point.Cosine, Calibration.CosineAtFmr(point.Fmr), 9);
        var between = Calibration.CosineAtFmr(3e-4);
        Assert.InRange(between, Calibration.CosineAtFmr(1e-3), Calibration.CosineAtFmr(1e-4));
        Assert.True(Calibration.CosineAtFmr(1e-8) > Calibration.CosineAtFmr(1e-6));
    }

    [Fact]
    public void A_larger_gallery_asks_for_more()
    {
        Assert.Equal(0.5, Calibration.IdentifyThreshold(0));
        Assert.Equal(0.5, Calibration.IdentifyThreshold(1));
        // 1 % over 100 references is 1 in 10,000 for each.
        Assert.Equal(0.5, Calibration.IdentifyThreshold(100), 0.001);
        Assert.True(Calibration.IdentifyThreshold(10_000) > Calibration.IdentifyThreshold(1_000));
        Assert.InRange(Calibration.IdentifyThreshold(long.MaxValue), 0.9, 1);
        Assert.InRange(Calibration.IdentityGuard, 0.05, 0.3);
    }

    [Fact]
    public void A_table_out_of_order_is_refused() =>
        Assert.Throws<ArgumentException>(() => new ScoreCalibration([new(1e-3, 0.4), new(1e-4, 0.3)]));

    [Fact]
    public void Quality_is_pinned_at_the_first_and_the_fiftieth_of_a_hundred()
    {
        var quality = new QualityCalibration([new(0, 0), new(0.2, 0.4), new(0.6, 0.8), new(1, 1)]);
        var scores = new[] { -1, 0, 0.1, 0.2, 0.4, 0.6, 1, 2 }.Select(raw => Math.Round(quality.ToScore(raw), 9));
        Assert.Equal([0, 0, 0.2, 0.4, 0.6, 0.8, 1, 1], scores);
    }
}
