namespace Rollcall.Faces.Tests;

/// <summary>Every photograph under samples/, with the real models.</summary>
public sealed class SampleTests
{
    private static readonly AnalysisOptions Ungated = new() { MinQuality = 0 };

    private static async Task<FaceAnalysis> AnalyzeAsync(string sample, AnalysisOptions options) =>
        (await TestAssets.EngineAsync()).Analyze(TestAssets.Sample(sample), options, TestContext.Current.CancellationToken);

    [Theory]
    [MemberData(nameof(TestAssets.SamplesIn), "single", MemberType = typeof(TestAssets))]
    public async Task A_single_face_is_found(string sample)
    {
        var found = Assert.IsType<FaceAnalysis.Found>(await AnalyzeAsync(sample, Ungated));
        Assert.Equal(1, found.FacesFound);
        Assert.Equal(128, found.Embedding.Length);
        Assert.Equal(1, found.Embedding.Sum(number => (double)number * number), 5);
        Assert.InRange(found.Face.Quality.Score, 0, 1);
        Assert.InRange(found.Face.DetectionScore, 0.85, 1);
        Assert.True(found.Face.Box is { X: >= 0, Y: >= 0, Width: > 0, Height: > 0 }, found.Face.Box.ToString());
        var box = found.Face.Box;
        Assert.True(box.X + box.Width <= 1 && box.Y + box.Height <= 1, box.ToString());
    }

    [Theory]
    [MemberData(nameof(TestAssets.SamplesIn), "group", MemberType = typeof(TestAssets))]
    public async Task A_group_is_refused_or_its_largest_face_is_taken(string sample)
    {
        var many = Assert.IsType<FaceAnalysis.ManyFaces>(await AnalyzeAsync(sample, Ungated));
        Assert.True(many.FacesFound > 1);

        var options = Ungated with { MultipleFaces = MultipleFacesRule.Largest };
        var largest = Assert.IsType<FaceAnalysis.Found>(await AnalyzeAsync(sample, options));
        Assert.Equal(many.FacesFound, largest.FacesFound);
        var engine = await TestAssets.EngineAsync();
        var survey = Assert.IsType<FaceSurvey.Read>(engine.Survey(TestAssets.Sample(sample), TestContext.Current.CancellationToken));
        Assert.Equal(many.FacesFound, survey.Faces.Count);
        Assert.Equivalent(survey.Faces[0], largest.Face);
    }

    [Theory]
    [MemberData(nameof(TestAssets.SamplesIn), "nonface", MemberType = typeof(TestAssets))]
    public async Task What_is_no_face_is_none(string sample) =>
        Assert.IsType<FaceAnalysis.NoFace>(await AnalyzeAsync(sample, Ungated));

    [Fact]
    public async Task A_picture_is_never_turned_by_guess()
    {
        Assert.IsType<FaceAnalysis.Found>(await AnalyzeAsync("rotated/r0.jpg", Ungated));
        foreach (var turned in new[] { "rotated/r90.jpg", "rotated/r180.jpg", "rotated/r270.jpg" })
            Assert.IsType<FaceAnalysis.NoFace>(await AnalyzeAsync(turned, Ungated));
    }

    [Theory]
    [MemberData(nameof(TestAssets.SamplesIn), "spoof", MemberType = typeof(TestAssets))]
    public async Task The_orientation_tag_is_honoured(string sample)
    {
        var found = Assert.IsType<FaceAnalysis.Found>(await AnalyzeAsync(sample, Ungated));
        var (eyes, mouth) = (found.Face.Landmarks.LeftEye, found.Face.Landmarks.LeftMouth);
        Assert.True(eyes.Y < mouth.Y, "The eyes are above the mouth in the upright picture.");
    }

    [Theory]
    [InlineData("corrupted.png", UnreadableCause.Corrupt)]
    [InlineData("einstein.bmp", UnreadableCause.UnsupportedFormat)]
    [InlineData("empty.png", UnreadableCause.UnsupportedFormat)]
    [InlineData("truncated.jpg", UnreadableCause.Corrupt)]
    [InlineData("truncated2.jpg", UnreadableCause.Corrupt)]
    public async Task A_broken_file_says_why(string sample, UnreadableCause cause) =>
        Assert.Equal(cause, Assert.IsType<FaceAnalysis.Unreadable>(await AnalyzeAsync($"broken/{sample}", Ungated)).Cause);

    [Fact]
    public async Task One_portrait_is_one_person_in_two_formats()
    {
        var jpeg = Assert.IsType<FaceAnalysis.Found>(await AnalyzeAsync("broken/einstein.jpeg", Ungated));
        var png = Assert.IsType<FaceAnalysis.Found>(await AnalyzeAsync("broken/einstein.png", Ungated));
        Assert.InRange(Cosine(jpeg, png), 0.95, 1.001);
    }

    [Fact]
    public async Task A_blurred_face_is_too_poor_because_of_its_blur()
    {
        var poor = Assert.IsType<FaceAnalysis.TooPoor>(await AnalyzeAsync("single/blur.jpg", new()));
        Assert.Equal(QualityReasons.Blur, poor.Face.Quality.Reasons[0]);
    }

    [Fact]
    public async Task A_gate_that_is_not_met_always_names_a_reason()
    {
        // The best portrait there is, and a gate that nothing meets.
        var poor = Assert.IsType<FaceAnalysis.TooPoor>(await AnalyzeAsync("single/Tom_Cruise_avp_2014_4.jpg", new() { MinQuality = 1.01 }));
        Assert.NotEmpty(poor.Face.Quality.Reasons);
    }

    [Fact]
    public async Task A_cancelled_analysis_stops()
    {
        var engine = await TestAssets.EngineAsync();
        Assert.Throws<OperationCanceledException>(() => engine.Analyze(TestAssets.Sample("rotated/r0.jpg"), Ungated, new(canceled: true)));
    }

    internal static float Cosine(FaceAnalysis.Found a, FaceAnalysis.Found b) =>
        System.Numerics.Tensors.TensorPrimitives.Dot<float>(a.Embedding, b.Embedding);
}
