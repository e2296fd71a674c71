using Rollcall.Faces.Models;

namespace Rollcall.Faces.Tests;

/// <summary>The liveness check with the real models. <c>Rollcall.Benchmarks liveness</c> measures it over all of LFW.</summary>
public sealed class LivenessTests
{
    private static readonly AnalysisOptions Checked = new() { MinQuality = 0, MultipleFaces = MultipleFacesRule.Largest, CheckLiveness = true };

    [Theory]
    [InlineData("standard", "image_F1.jpg", false)]
    [InlineData("standard", "image_F2.jpg", false)]
    [InlineData("standard", "rgb_fake.jpg", false)]
    [InlineData("standard", "image_T1.jpg", true)]
    [InlineData("retail", "image_F1.jpg", false)]
    [InlineData("retail", "image_F2.jpg", false)]
    [InlineData("retail", "rgb_fake.jpg", false)]
    [InlineData("retail", "image_T1.jpg", true)]
    public async Task Prints_and_screens_are_told_from_a_living_face_where_that_is_asked_for(string pack, string sample, bool isLiving)
    {
        var engine = await TestAssets.EngineAsync(pack);
        var file = TestAssets.Sample($"spoof/{sample}");

        var answer = engine.Analyze(file, Checked, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine($"{pack} {sample}: {engine.LivenessOf(file)}");
        if (isLiving) Assert.IsType<FaceAnalysis.Found>(answer);
        else Assert.Equal(engine.LivenessOf(file), Assert.IsType<FaceAnalysis.NotLive>(answer).Score);
        Assert.IsType<FaceAnalysis.Found>(engine.Analyze(file, Checked with { CheckLiveness = false }, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("standard", 0.85)]
    [InlineData("retail", 0.85)]
    public async Task Most_photographs_of_LFW_pass(string pack, double least)
    {
        var engine = await TestAssets.EngineAsync(pack);
        var files = Benchmarks.Pairs.Lfw.Some(TestAssets.Faces, 130);

        var passed = files.AsParallel().Count(file => engine.LivenessOf(File.ReadAllBytes(file)) >= engine.Pack.Liveness!.Threshold);

        TestContext.Current.TestOutputHelper?.WriteLine($"{pack}: {passed} of {files.Count} pass");
        Assert.InRange((double)passed / files.Count, least, 1);
    }

    [Fact]
    public async Task The_score_is_that_of_the_upright_picture_however_the_file_stores_it()
    {
        var engine = await TestAssets.EngineAsync();
        var portrait = TestAssets.Sample("single/Tom_Cruise_avp_2014_4.jpg");
        var upright = engine.LivenessOf(Pictures.Oriented(portrait, 1))!.Value;
        for (var orientation = 2; orientation <= 8; orientation++)
            Assert.Equal(upright, engine.LivenessOf(Pictures.Oriented(portrait, orientation))!.Value, 0.1);
    }

    [Fact]
    public async Task A_clock_has_its_time_where_it_is_asked_for()
    {
        var engine = await TestAssets.EngineAsync();
        var clock = new StageClock(TimeProvider.System);

        engine.Analyze(TestAssets.Sample("spoof/image_T1.jpg"), Checked with { Clock = clock }, TestContext.Current.CancellationToken);

        Assert.Equal([FaceStage.Decode, FaceStage.Detect, FaceStage.Align, FaceStage.Assess, FaceStage.Liveness, FaceStage.Embed], clock.Times.Select(time => time.Stage));
    }

    [Theory]
    [InlineData("standard", 1)]
    [InlineData("retail", 1)]
    [InlineData("retail", 2)]
    public async Task Without_one_of_its_files_a_pack_starts_and_checks_nothing(string pack, int missing)
    {
        var installed = await TestAssets.InstallAsync(pack);
        var gone = installed.Files.Where(one => one.File.Role == ModelRole.Liveness).Take(missing).ToList();
        Assert.Equal(missing, gone.Count);
        using var engine = new FaceEngine(installed with { Files = [.. installed.Files.Except(gone)] });

        Assert.False(engine.ChecksLiveness);
        var file = TestAssets.Sample("spoof/image_F1.jpg");
        Assert.Throws<InvalidOperationException>(() => engine.Analyze(file, Checked, TestContext.Current.CancellationToken));
        Assert.IsType<FaceAnalysis.Found>(engine.Analyze(file, Checked with { CheckLiveness = false }, TestContext.Current.CancellationToken));
    }

    /// <summary>Worked out by hand after the models' authors: the scale is cut to the picture, the box moved into it, and the corners cut to whole pixels.</summary>
    [Theory]
    [InlineData(100, 80, 40, 50, 640, 480, 2.7, 66, 37, 109, 136)] // in the middle: 108 × 135 around (120, 105)
    [InlineData(0, 0, 40, 50, 640, 480, 2.7, 0, 0, 109, 136)] // moved right and down
    [InlineData(600, 430, 40, 50, 640, 480, 2.7, 531, 344, 109, 136)] // moved left and up
    [InlineData(75, 75, 100, 100, 250, 250, 2.7, 0, 0, 250, 250)] // cut to 2.49
    [InlineData(75, 75, 100, 100, 250, 250, 4.0, 0, 0, 250, 250)]
    [InlineData(10, 10, 100, 125, 250, 250, 2.7, 0, 0, 200, 250)] // cut by the height alone: 1.992
    [InlineData(-30, 20, 60, 60, 200, 300, 2.7, 0, 0, 163, 163)] // a face that leaves the picture
    public void The_crop_is_that_of_the_models_authors(
        double x, double y, double width, double height, int pictureWidth, int pictureHeight, double scale, int left, int top, int cropWidth, int cropHeight) =>
        Assert.Equal(
            new LivenessCheck.Crop(left, top, cropWidth, cropHeight),
            LivenessCheck.Crop.Around(new Detection(1, x, y, width, height, []), scale, pictureWidth, pictureHeight));
}
