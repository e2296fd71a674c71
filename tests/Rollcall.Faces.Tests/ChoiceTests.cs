using SkiaSharp;

namespace Rollcall.Faces.Tests;

/// <summary>Of several faces the one most like somebody who is known.</summary>
public sealed class ChoiceTests
{
    private static readonly AnalysisOptions MostLike = new() { MinQuality = 0, MultipleFaces = MultipleFacesRule.MostLike };

    [Fact]
    public async Task The_face_most_like_one_of_the_known_is_taken_and_each_is_embedded_once()
    {
        var engine = await TestAssets.EngineAsync();
        var (powell, ridge, bush) = (Vector(engine, "Colin_Powell", 2), Vector(engine, "Tom_Ridge", 2), Vector(engine, "George_W_Bush", 1));
        var both = Grid(2, 300, "Tom_Ridge", "Colin_Powell");
        var clock = new StageClock(TimeProvider.System);

        var right = Found(engine, both, MostLike with { Known = [bush, powell], Clock = clock });
        var left = Found(engine, both, MostLike with { Known = [ridge] });

        Assert.True(right.Face.Box.X > 0.5 && left.Face.Box.X < 0.5, $"{right.Face.Box} {left.Face.Box}");
        Assert.Equal(2, right.FacesFound);
        Assert.Equal(right.Embedding, right.Choice!.Faces[right.Choice.Taken]);
        Assert.Equal([FaceStage.Decode, FaceStage.Detect, FaceStage.Choose, FaceStage.Align, FaceStage.Assess], clock.Times.Select(time => time.Stage));
    }

    [Fact]
    public async Task Its_quality_decides_and_not_that_of_a_better_face()
    {
        var engine = await TestAssets.EngineAsync();
        var both = Grid(2, 300, "Tom_Ridge", "Colin_Powell");

        var poor = Assert.IsType<FaceAnalysis.TooPoor>(Analyze(engine, both, MostLike with { Known = [Vector(engine, "Colin_Powell", 2)], MinQuality = 1.01 }));

        Assert.True(poor.Face.Box.X > 0.5);
        Assert.NotNull(poor.Choice);
    }

    [Fact]
    public async Task With_nobody_known_several_faces_are_refused_and_a_single_one_is_taken()
    {
        var engine = await TestAssets.EngineAsync();

        var many = Assert.IsType<FaceAnalysis.ManyFaces>(Analyze(engine, Grid(2, 300, "Tom_Ridge", "Colin_Powell"), MostLike));
        Assert.Equal((2, ManyFacesCause.NobodyKnown), (many.FacesFound, many.Cause));
        Assert.Same(FaceChoice.Impossible, many.Choice);

        var single = Found(engine, File.ReadAllBytes(Lfw("Colin_Powell", 1)), MostLike);
        Assert.Null(single.Choice);
        Assert.Equal(single.Embedding, Found(engine, File.ReadAllBytes(Lfw("Colin_Powell", 1)), MostLike with { Known = [Vector(engine, "Tom_Ridge", 1)] }).Embedding);
    }

    [Fact]
    public async Task More_faces_than_are_looked_through_are_refused_whoever_is_known()
    {
        var engine = await TestAssets.EngineAsync();
        var crowd = Grid(6, 160, [.. Enumerable.Repeat("Colin_Powell", 36)]);

        var many = Assert.IsType<FaceAnalysis.ManyFaces>(Analyze(engine, crowd, MostLike with { Known = [Vector(engine, "Colin_Powell", 2)] }));

        Assert.Equal(ManyFacesCause.TooMany, many.Cause);
        Assert.InRange(many.FacesFound, FaceEngine.MostToChooseFrom + 1, 36);
    }

    [Fact]
    public void A_choice_holds_for_references_that_choose_the_same()
    {
        float[] one = [1, 0], other = [0, 1], between = [0.8f, 0.6f];
        var choice = FaceChoice.Among([one, other], [between]);

        Assert.Equal(0, choice.Taken);
        Assert.True(choice.HoldsFor([between]));
        Assert.True(choice.HoldsFor([one, between]));
        Assert.False(choice.HoldsFor([between, other]));
        Assert.False(choice.HoldsFor([]));
        Assert.True(FaceChoice.Impossible.HoldsFor([]));
        Assert.False(FaceChoice.Impossible.HoldsFor([one]));
        Assert.Equal(0, FaceChoice.Among([one, one], [one]).Taken);
    }

    private static FaceAnalysis Analyze(FaceEngine engine, byte[] file, AnalysisOptions options) => engine.Analyze(file, options, TestContext.Current.CancellationToken);

    private static FaceAnalysis.Found Found(FaceEngine engine, byte[] file, AnalysisOptions options) => Assert.IsType<FaceAnalysis.Found>(Analyze(engine, file, options));

    private static float[] Vector(FaceEngine engine, string person, int number) =>
        Found(engine, File.ReadAllBytes(Lfw(person, number)), new() { MinQuality = 0, MultipleFaces = MultipleFacesRule.Largest }).Embedding;

    private static string Lfw(string person, int number) => Path.Combine(TestAssets.Faces, "lfw", person, $"{person}_{number:0000}.jpg");

    /// <summary>The first photograph of each person, in rows.</summary>
    private static byte[] Grid(int columns, int side, params string[] people)
    {
        using var scene = new SKBitmap(columns * side, (people.Length + columns - 1) / columns * side);
        using var canvas = new SKCanvas(scene);
        for (var i = 0; i < people.Length; i++)
        {
            using var image = SKImage.FromEncodedData(Lfw(people[i], 1));
            var (x, y) = (i % columns * side, i / columns * side);
            canvas.DrawImage(image, new SKRect(x, y, x + side, y + side), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        }

        return Pictures.Encoded(scene, SKEncodedImageFormat.Jpeg);
    }
}
