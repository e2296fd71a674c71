using System.Numerics.Tensors;
using System.Reflection;
using Rollcall.Faces.Index;

namespace Rollcall.Faces.Tests.Index;

public sealed class FaceIndexTests
{
    [Theory]
    [InlineData(1, 0), InlineData(3, 0), InlineData(3, 2), InlineData(600, 0), InlineData(600, 599), InlineData(513, 512), InlineData(513, 3)]
    public void Of_a_removed_face_nothing_is_left_in_memory(int faces, int removed)
    {
        const long FirstKey = 1_000_000;
        var random = new Random(faces);
        var index = new FaceIndex(128);
        var vectors = Enumerable.Range(0, faces).Select(_ => Unit(random, 128)).ToList();
        index.Apply([.. vectors.Select((vector, i) => new FaceChange(i + 1, FirstKey + i, i, vector))]);
        var rows = vectors.ConvertAll(Quantised);
        Assert.Equal(1, RowsLike(index, rows[removed]));

        index.Apply([new FaceChange(faces + 1, FirstKey + removed, 0, null)]);

        Assert.Equal(0, RowsLike(index, rows[removed]));
        Assert.DoesNotContain(BlocksOf(index), block => block.Faces.Contains(FirstKey + removed));
        Assert.All(rows.Where((_, i) => i != removed), row => Assert.Equal(1, RowsLike(index, row))); // also none is left where a moved one was
        Assert.Equal(faces - 1, BlocksOf(index).Sum(block => block.Faces.Count(key => key != 0)));
    }

    [Theory]
    [InlineData(128, 1), InlineData(128, 2), InlineData(256, 3), InlineData(5, 4), InlineData(512, 5)]
    public void The_answer_is_that_of_brute_force(int dimensions, int seed)
    {
        var random = new Random(seed);
        var index = new FaceIndex(dimensions);
        var truth = new Dictionary<long, (long Person, float[] Vector)>();
        long seq = 0;
        for (var round = 0; round < 12; round++)
        {
            var changes = new List<FaceChange>();
            for (var i = 0; i < 200; i++)
            {
                var face = random.Next(1500);
                var vector = random.Next(4) == 0 ? null : Vector(random, dimensions, truth);
                var person = random.Next(300);
                changes.Add(new(++seq, face, person, vector));
                if (vector is null)
                    truth.Remove(face);
                else
                    truth[face] = (person, vector);
            }

            index.Apply(changes);
            // A page that is delivered twice changes nothing.
            index.Apply(changes);
            Assert.Equal(truth.Count, index.Count);
            Assert.Equal(seq, index.LastChange);
            for (var i = 0; i < 20; i++)
            {
                var probe = i % 2 == 0 || truth.Count == 0
                    ? Unit(random, dimensions)
                    : truth.Values.ElementAt(random.Next(truth.Count)).Vector;
                var (topK, least, onePerPerson) = (random.Next(1, 12), (random.NextDouble() * 1.5) - 1, random.Next(2) == 0);
                AssertExact(index, truth, probe, topK, least, onePerPerson);
            }
        }
    }

    [Fact]
    public void Little_more_than_the_answer_is_named()
    {
        var random = new Random(11);
        var index = new FaceIndex(128);
        index.Apply([.. Enumerable.Range(1, 20_000).Select(i => new FaceChange(i, i, i, Unit(random, 128)))]);
        // The bounds are a few thousandths wide: of 20,000 strangers the ten best have few rivals.
        Assert.InRange(index.Search(Unit(random, 128), 10, -1, false).Count, 10, 60);
    }

    [Fact]
    public void Equal_faces_are_ranked_by_their_keys()
    {
        var vector = Unit(new Random(1), 128);
        var index = new FaceIndex(128);
        index.Apply([.. Enumerable.Range(1, 600).Select(i => new FaceChange(i, 601 - i, i % 3, vector))]);
        var truth = Enumerable.Range(1, 600).ToDictionary(i => 601L - i, i => ((long)(i % 3), vector));
        AssertExact(index, truth, vector, 5, 0.5, false);
        AssertExact(index, truth, vector, 5, 0.5, true);
    }

    [Fact]
    public void An_empty_index_answers_nothing()
    {
        var index = new FaceIndex(128);
        Assert.Empty(index.Search(Unit(new Random(1), 128), 1, -1, false));
        index.Apply([new(1, 1, 1, Unit(new Random(1), 128)), new(2, 1, 1, null), new(3, 9, 9, null)]);
        Assert.Equal((0, 3), (index.Count, index.LastChange));
        Assert.Empty(index.Search(Unit(new Random(1), 128), 1, -1, false));
    }

    [Fact]
    public void What_is_no_unit_vector_is_refused()
    {
        var index = new FaceIndex(4);
        Assert.Throws<ArgumentException>(() => index.Apply([new(1, 1, 1, [1, 0, 0])]));
        Assert.Throws<ArgumentException>(() => index.Apply([new(1, 1, 1, [2, 0, 0, 0])]));
        Assert.Throws<ArgumentException>(() => index.Apply([new(1, 1, 1, [float.NaN, 0, 0, 0])]));
        Assert.Throws<ArgumentException>(() => index.Apply([new(2, 1, 1, null), new(1, 1, 1, null)]));
        Assert.Equal(0, index.LastChange);
    }

    [Fact]
    public async Task A_search_sees_a_page_whole_or_not_at_all()
    {
        var random = new Random(5);
        var (a, b) = (Unit(random, 128), Unit(random, 128));
        var index = new FaceIndex(128);
        index.Apply([new(1, 1, 1, a), new(2, 2, 2, b)]);
        using var stop = new CancellationTokenSource();
        var searching = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                // Two faces swap their vectors again and again; there is always exactly one that is a.
                Assert.Single(index.Search(a, 2, 0.9, false));
        }, TestContext.Current.CancellationToken);
        for (var seq = 3; seq < 4000; seq += 2)
            index.Apply([new(seq, 1, 1, seq % 4 == 3 ? b : a), new(seq + 1, 2, 2, seq % 4 == 3 ? a : b)]);
        await stop.CancelAsync();
        await searching;
    }

    [Fact]
    public void Every_kind_of_processor_computes_the_same()
    {
        var random = new Random(9);
        var row = Enumerable.Range(0, 128).Select(_ => (sbyte)random.Next(-127, 128)).ToArray();
        var probe = Enumerable.Range(0, 128).Select(_ => (short)random.Next(short.MinValue + 1, short.MaxValue)).ToArray();
        var expected = row.Zip(probe).Sum(pair => pair.First * pair.Second);
        Assert.Equal(expected, FaceBlock.DotPortable(row, probe));
        if (System.Runtime.Intrinsics.X86.Avx2.IsSupported)
            Assert.Equal(expected, FaceBlock.Dot256(row, probe));
        if (System.Runtime.Intrinsics.X86.Avx512BW.IsSupported)
            Assert.Equal(expected, FaceBlock.Dot512(row, probe));
    }

    private static void AssertExact(
        FaceIndex index, Dictionary<long, (long Person, float[] Vector)> truth, float[] probe, int topK, double least, bool onePerPerson)
    {
        var all = truth.Select(face => (face.Key, face.Value.Person, face.Value.Vector)).ToList();
        var expected = FaceIndex.Rescore(probe, all, topK, least, onePerPerson);
        var candidates = index.Search(probe, topK, least, onePerPerson);
        Assert.Equal(candidates.Count, candidates.Select(candidate => candidate.FaceKey).Distinct().Count());
        Assert.All(candidates, candidate => Assert.Equal(truth[candidate.FaceKey].Person, candidate.PersonKey));
        var named = candidates.Select(candidate => (candidate.FaceKey, candidate.PersonKey, truth[candidate.FaceKey].Vector)).ToList();
        Assert.Equal(expected, FaceIndex.Rescore(probe, named, topK, least, onePerPerson));
    }

    /// <summary>A vector of its own, the very vector of another face, or one very near to it.</summary>
    private static float[] Vector(Random random, int dimensions, Dictionary<long, (long Person, float[] Vector)> truth)
    {
        if (truth.Count == 0 || random.Next(3) == 0)
            return Unit(random, dimensions);
        var other = truth.Values.ElementAt(random.Next(truth.Count)).Vector;
        return random.Next(2) == 0 ? other : Unit([.. other.Select(value => value + ((float)random.NextDouble() * 0.002f))]);
    }

    private static float[] Unit(Random random, int dimensions) =>
        Unit([.. Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 1))]);

    private static float[] Unit(float[] vector)
    {
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }

    private static sbyte[] Quantised(float[] vector)
    {
        var block = new FaceBlock(vector.Length);
        block.Set(0, 1, 1, vector);
        return [.. BytesOf(block).Take(FaceBlock.Padded(vector.Length))];
    }

    private static int RowsLike(FaceIndex index, sbyte[] row) =>
        BlocksOf(index).Sum(block => BytesOf(block).Chunk(row.Length).Count(held => held.AsSpan().SequenceEqual(row)));

    private static FaceBlock[] BlocksOf(FaceIndex index)
    {
        var state = FieldOf(index, "_state");
        return (FaceBlock[])state.GetType().GetProperty("Blocks")!.GetValue(state)!;
    }

    private static sbyte[] BytesOf(FaceBlock block) => (sbyte[])FieldOf(block, "_quantised");

    private static object FieldOf(object of, string name) => of.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(of)!;
}
