using System.Globalization;
using System.Numerics.Tensors;

namespace Rollcall.Faces.Tests;

/// <summary>Accuracy on Labeled Faces in the Wild, so that a change of any stage that costs accuracy does not pass.</summary>
public sealed class LfwTests
{
    [Fact]
    public async Task Two_folds_of_the_pairs_are_told_apart_as_in_the_reference()
    {
        var root = TestAssets.Faces;
        var engine = await TestAssets.EngineAsync();
        var pairs = File.ReadLines(Path.Combine(root, "pairs.txt")).Skip(1).Take(1200).Select(line => line.Split('\t')).ToList();
        string File_(string person, string number) =>
            Path.Combine(root, "lfw", person, $"{person}_{int.Parse(number, CultureInfo.InvariantCulture):0000}.jpg");
        var paired = pairs.ConvertAll(part => part.Length == 3
            ? (A: File_(part[0], part[1]), B: File_(part[0], part[2]), Same: true)
            : (A: File_(part[0], part[1]), B: File_(part[2], part[3]), Same: false));

        var vectors = paired.SelectMany(pair => new[] { pair.A, pair.B }).Distinct().AsParallel()
            .ToDictionary(file => file, file => engine.Examine(File.ReadAllBytes(file))?.Embedding);
        Assert.DoesNotContain(null, vectors.Values);

        // Each fold is judged by the threshold that is best for the other.
        var scores = paired.ConvertAll(pair => (Cosine: TensorPrimitives.Dot<float>(vectors[pair.A], vectors[pair.B]), pair.Same));
        var (first, second) = (scores[..600], scores[600..]);
        var accuracy = (Accuracy(second, Best(first)) + Accuracy(first, Best(second))) / 2;
        TestContext.Current.TestOutputHelper?.WriteLine($"LFW, folds 1 and 2: {100 * accuracy:0.00} %");
        // The reference: 99.15 % over all ten folds. Measured here over these two: 98.92 %.
        Assert.InRange(accuracy, 0.9815, 1);
    }

    [Fact]
    public async Task Nearly_every_photograph_gives_a_face_that_passes_the_default_gate()
    {
        var engine = await TestAssets.EngineAsync();
        var files = Directory.EnumerateFiles(Path.Combine(TestAssets.Faces, "lfw"), "*_0001.jpg", SearchOption.AllDirectories)
            .Order().Where((_, i) => i % 10 == 0).ToArray();
        var answers = files.AsParallel()
            .Select(file => engine.Analyze(File.ReadAllBytes(file), new() { MultipleFaces = MultipleFacesRule.Largest })).ToArray();
        var faces = answers.Count(answer => answer is FaceAnalysis.Found or FaceAnalysis.TooPoor);
        Assert.InRange(faces, (int)(0.99 * files.Length), files.Length);
        // The gate is set so that one in a hundred lies below; a sample of this size may have a few more.
        Assert.InRange(answers.Count(answer => answer is FaceAnalysis.TooPoor), 0, files.Length * 3 / 100);
    }

    private static double Best(List<(float Cosine, bool Same)> scores) =>
        scores.Select(score => score.Cosine).MaxBy(threshold => Accuracy(scores, threshold));

    private static double Accuracy(List<(float Cosine, bool Same)> scores, double threshold) =>
        (double)scores.Count(score => (score.Cosine >= threshold) == score.Same) / scores.Count;
}
