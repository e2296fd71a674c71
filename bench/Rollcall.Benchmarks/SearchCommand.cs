using System.Numerics.Tensors;
using Rollcall.Faces.Index;

namespace Rollcall.Benchmarks;

/// <summary>One thread's exact search over 100,000 and a million made-up faces of 128 numbers.</summary>
internal static class SearchCommand
{
    public static int Run(string[] args)
    {
        var random = new Random(1);
        float[] Unit()
        {
            var vector = new float[128];
            for (var i = 0; i < vector.Length; i++)
                vector[i] = (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
            TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
            return vector;
        }

        var index = new FaceIndex(128);
        foreach (var size in new[] { 100_000, 1_000_000 })
        {
            var before = index.Count;
            foreach (var page in Enumerable.Range(before + 1, size - before).Chunk(10_000))
                index.Apply([.. page.Select(i => new FaceChange(i, i, i, Unit()))]);
            var probe = Unit();
            // The runtime compiles the scan anew once it knows that it is worth it.
            Clock.Median(() => index.Search(probe, 10, 0.4, true), 200);
            var named = index.Search(probe, 10, 0.4, true).Count;
            var took = Clock.Median(() => index.Search(probe, 10, 0.4, true));
            Console.WriteLine($"{size,9}: {took,8:0.00} ms, {named} candidates at a cosine of 0.4");
            named = index.Search(probe, 10, -1, true).Count;
            took = Clock.Median(() => index.Search(probe, 10, -1, true));
            Console.WriteLine($"{size,9}: {took,8:0.00} ms, {named} candidates without a threshold");
            long seq = index.LastChange;
            took = Clock.Median(() => index.Apply([new(++seq, 5, 5, probe)]));
            Console.WriteLine($"{size,9}: {took,8:0.000} ms to take up one change");
        }

        return 0;
    }
}
