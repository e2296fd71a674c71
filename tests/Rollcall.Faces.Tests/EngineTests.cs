using SkiaSharp;

namespace Rollcall.Faces.Tests;

/// <summary>Photographs made worse, larger or turned on purpose, with the real models.</summary>
public sealed class EngineTests
{
    private static readonly AnalysisOptions Ungated = new() { MinQuality = 0, MultipleFaces = MultipleFacesRule.Largest };

    private static FaceAnalysis.Found Found(FaceEngine engine, byte[] file) =>
        Assert.IsType<FaceAnalysis.Found>(engine.Analyze(file, Ungated));

    [Fact]
    public async Task A_clock_takes_the_time_of_the_stages_that_were_gone_through()
    {
        var engine = await TestAssets.EngineAsync();
        var whole = new StageClock(TimeProvider.System);
        engine.Analyze(TestAssets.Sample("single/Tom_Cruise_avp_2014_4.jpg"), Ungated with { Clock = whole });
        var early = new StageClock(TimeProvider.System);
        engine.Analyze(TestAssets.Sample("nonface/horses.jpg"), Ungated with { Clock = early });

        Assert.Equal([FaceStage.Decode, FaceStage.Detect, FaceStage.Align, FaceStage.Assess, FaceStage.Embed], whole.Times.Select(time => time.Stage));
        Assert.Equal([FaceStage.Decode, FaceStage.Detect], early.Times.Select(time => time.Stage));
        Assert.All(whole.Times, time => Assert.True(time.Took > TimeSpan.Zero));
    }

    [Fact]
    public async Task A_picture_of_twelve_megapixels_gives_the_vector_of_the_small_one()
    {
        var engine = await TestAssets.EngineAsync();
        var small = TestAssets.Sample("single/Tom_Cruise_avp_2014_4.jpg");
        var large = Pictures.Resized(small, 3000, 4248, SKEncodedImageFormat.Jpeg);
        Assert.InRange(SampleTests.Cosine(Found(engine, small), Found(engine, large)), 0.97, 1.001);
    }

    [Fact]
    public async Task A_small_face_in_a_large_picture_keeps_its_pixels()
    {
        // 300 px of 4000: 48 px for the detector, which is too few for the crop; the decoded picture has 150.
        var engine = await TestAssets.EngineAsync();
        var portrait = TestAssets.Sample("single/Tom_Cruise_avp_2014_4.jpg");
        var scene = Pictures.Placed(portrait, 424, 600, 4000, 3000, 2900, 1700);
        Assert.InRange(SampleTests.Cosine(Found(engine, portrait), Found(engine, scene)), 0.9, 1.001);
    }

    [Fact]
    public async Task A_face_that_fills_the_picture_is_found()
    {
        var engine = await TestAssets.EngineAsync();
        var portrait = TestAssets.Sample("single/Tom_Cruise_avp_2014_4.jpg");
        var box = Found(engine, portrait).Face.Box;
        var closeUp = Pictures.Cropped(portrait, box, 1800);
        Assert.InRange(Found(engine, closeUp).Face.Box.Width, 0.7, 1);
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public async Task Every_orientation_gives_the_same_face(int orientation)
    {
        var engine = await TestAssets.EngineAsync();
        var upright = Found(engine, Pictures.Oriented(TestAssets.Sample("rotated/r0.jpg"), 1));
        var tagged = Found(engine, Pictures.Oriented(TestAssets.Sample("rotated/r0.jpg"), orientation));
        Assert.Equal(upright.Face.Box.X, tagged.Face.Box.X, 0.01);
        Assert.Equal(upright.Face.Box.Y, tagged.Face.Box.Y, 0.01);
        Assert.Equal(upright.Face.Box.Height, tagged.Face.Box.Height, 0.01);
        Assert.InRange(SampleTests.Cosine(upright, tagged), 0.99, 1.001);
    }

    [Theory]
    [InlineData(0.12f, 0, QualityReasons.TooDark)]
    [InlineData(0.12f, 215, QualityReasons.TooBright)]
    [InlineData(0.08f, 110, QualityReasons.LowContrast)]
    public async Task Bad_light_is_named(float scale, float offset, string reason)
    {
        var engine = await TestAssets.EngineAsync();
        var poor = Pictures.Relit(TestAssets.Sample("single/astronaut.png"), scale, offset);
        var face = Assert.IsType<FaceAnalysis.TooPoor>(engine.Analyze(poor, new(), TestContext.Current.CancellationToken));
        Assert.Contains(reason, face.Face.Quality.Reasons);
    }

    [Fact]
    public async Task A_face_cut_by_the_edge_is_partly_outside()
    {
        var engine = await TestAssets.EngineAsync();
        var portrait = TestAssets.Sample("single/astronaut.png");
        var box = Found(engine, portrait).Face.Box;
        // The picture begins a third into the face.
        var cut = Pictures.Cropped(portrait, new(box.X + (box.Width * 0.36), 0, 1 - box.X - (box.Width * 0.36), 1), 600);
        var found = Found(engine, cut);
        Assert.Contains(QualityReasons.PartlyOutside, found.Face.Quality.Reasons);
        Assert.InRange(found.Face.Box.X, 0, 0.02);
    }

    [Fact]
    public async Task One_engine_serves_many_threads_with_equal_answers()
    {
        var engine = await TestAssets.EngineAsync();
        var file = TestAssets.Sample("single/astronaut.png");
        var first = Found(engine, file).Embedding;
        var others = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Found(engine, file).Embedding)));
        Assert.All(others, other => Assert.Equal(first, other));
    }

    [Fact]
    public async Task An_analysis_allocates_little()
    {
        var engine = await TestAssets.EngineAsync();
        var file = TestAssets.Sample("single/astronaut.png");
        for (var i = 0; i < 3; i++)
            Found(engine, file);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
            Found(engine, file);
        // 1 MB of pixels and 3 MB of tensors go through pools; what is left is the answer and the runtime's small change.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 20, 0, 64 * 1024);
    }
}
