using Rollcall.Faces.Models;
using SkiaSharp;

namespace Rollcall.Faces.Tests;

/// <summary>What the packs differ in: the size of a detector's input, and who judges quality.</summary>
public sealed class PackTests
{
    private static readonly AnalysisOptions Ungated = new() { MinQuality = 0, MultipleFaces = MultipleFacesRule.Largest };

    [Theory]
    [InlineData("single/Tom_Cruise_avp_2014_4.jpg", 1)] // 424×600: shrunk
    [InlineData("rotated/r0.jpg", 1)]
    [InlineData("rotated/r0.jpg", 6)] // on its side in the file
    [InlineData("single/astronaut.png", 1)]
    [InlineData("group/bald_guys.jpg", 1)] // 1986×1545: small faces
    public async Task A_detector_of_one_size_sees_every_picture_within_it(string sample, int orientation)
    {
        var any = await TestAssets.EngineAsync();
        using var one = await FixedAsync();
        var file = orientation == 1 ? TestAssets.Sample(sample) : Pictures.Oriented(TestAssets.Sample(sample), orientation);

        var (expected, found) = (Found(any, file), Found(one, file));

        Assert.Equal(expected.Face.Box.X, found.Face.Box.X, 0.03);
        Assert.Equal(expected.Face.Box.Y, found.Face.Box.Y, 0.03);
        Assert.Equal(expected.Face.Box.Width, found.Face.Box.Width, 0.05);
        Assert.InRange(SampleTests.Cosine(expected, found), 0.9, 1.001);
    }

    [Fact]
    public async Task A_detector_of_one_size_takes_small_and_lean_pictures()
    {
        using var one = await FixedAsync();
        var portrait = TestAssets.Sample("single/Tom_Cruise_avp_2014_4.jpg");
        Assert.InRange(Found(one, Pictures.Resized(portrait, 106, 150, SKEncodedImageFormat.Png)).Face.Box.Height, 0.2, 0.9);
        Assert.Equal(1, Found(one, Pictures.Placed(portrait, 212, 300, 1200, 320, 900, 10)).FacesFound);
        Assert.IsType<FaceAnalysis.NoFace>(one.Analyze(TestAssets.Sample("nonface/coffee.png"), Ungated, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_quality_model_sees_what_covers_a_face()
    {
        var (without, with) = (await TestAssets.EngineAsync(), await TestAssets.EngineAsync("retail"));
        var mask = TestAssets.Sample("single/mask.png");
        Assert.Contains(QualityReasons.Unclear, Found(with, mask).Face.Quality.Reasons);
        Assert.DoesNotContain(QualityReasons.Unclear, Found(without, mask).Face.Quality.Reasons);
        Assert.DoesNotContain(QualityReasons.Unclear, Found(with, TestAssets.Sample("single/astronaut.png")).Face.Quality.Reasons);
    }

    [Fact]
    public async Task Retail_gives_vectors_of_256_numbers()
    {
        var engine = await TestAssets.EngineAsync("retail");
        Assert.Equal(256, Found(engine, TestAssets.Sample("single/astronaut.png")).Embedding.Length);
    }

    [Fact]
    public async Task A_blurred_face_is_too_poor_for_retail_because_of_its_blur()
    {
        var engine = await TestAssets.EngineAsync("retail");
        var poor = Assert.IsType<FaceAnalysis.TooPoor>(engine.Analyze(TestAssets.Sample("single/blur.jpg"), new(), TestContext.Current.CancellationToken));
        Assert.Contains(QualityReasons.Blur, poor.Face.Quality.Reasons);
    }

    /// <summary>The standard pack with the same detector in the export that takes 320×320 and nothing else.</summary>
    private static async Task<FaceEngine> FixedAsync()
    {
        var detector = Path.Combine(TestAssets.Models, "opencv-peer", "yunet_n_320_320.onnx");
        var standard = await TestAssets.InstallAsync("standard");
        return new(standard with
        {
            Files = [.. standard.Files.Select(file => file.File.Role == ModelRole.Detect ? (file.File, detector) : file)],
        });
    }

    private static FaceAnalysis.Found Found(FaceEngine engine, byte[] file) =>
        Assert.IsType<FaceAnalysis.Found>(engine.Analyze(file, Ungated, TestContext.Current.CancellationToken));
}
