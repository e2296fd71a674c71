using Rollcall.Faces;

namespace Rollcall.Benchmarks.Pairs;

/// <summary>What a pack makes of the first three folds of LFW, on which the compact one was never trained.</summary>
/// <param name="Images">The photographs that the pairs name.</param>
/// <param name="Found">Those with a face.</param>
/// <param name="Accuracy">Of the pairs, the threshold of each fold from the other two; a photograph without a face is a cosine of -1.</param>
/// <param name="Missed">
/// The pairs of one person, all against all, that are missed where a thousandth of the pairs of strangers passes; a photograph without a face
/// misses all of its pairs.
/// </param>
internal sealed record FoldFigures(int Images, int Found, double Accuracy, double Missed)
{
    public const int Folds = 3;
    private const double FalseMatches = 1e-3;

    public static FoldFigures Measure(string root, FaceEngine engine)
    {
        var pairs = Lfw.Pairs(root).FindAll(pair => pair.Fold < Folds);
        var images = pairs.SelectMany(pair => new[] { pair.A, pair.B }).Distinct().ToList();
        var vectors = images.Zip(Lfw.Examine(root, engine, images)).Where(pair => pair.Second is not null)
            .ToDictionary(pair => pair.First, pair => pair.Second!.Embedding);
        var counts = CosineCounts.Of([.. vectors.Select(face => (face.Key.Person, face.Value))]);
        var seen = counts.Genuine * (1 - counts.Missed(counts.CosineAt(FalseMatches)));
        var genuine = images.GroupBy(image => image.Person).Sum(person => (long)person.Count() * (person.Count() - 1) / 2);
        return new(images.Count, vectors.Count, new PairScores(pairs, images.Count, vectors).Accuracy().Mean, 1 - (seen / genuine));
    }
}
