using System.Buffers;
using System.Numerics;
using Rollcall.Faces.Index;

namespace Rollcall.Faces.Tests;

/// <summary>Buffers that go back to the pool of the process: whoever gets them next must not find a face in them.</summary>
public sealed class PooledBuffersTests
{
    private const int Smallest = 512;
    private const int Largest = 1 << 22;

    [Fact]
    public async Task Of_a_picture_nothing_is_left_in_the_pool()
    {
        var engine = await TestAssets.EngineAsync();
        var file = TestAssets.Sample("single/Tom_Cruise_avp_2014_4.jpg");

        var (bytes, floats) = OnAThreadOfItsOwn(() => engine.Analyze(file, new AnalysisOptions { MinQuality = 0 }));

        Assert.True(bytes > 0, "no picture was held in a pooled buffer");
        Assert.True(floats > 1, "neither the detector nor the aligner had a pooled buffer");
    }

    [Fact]
    public void Of_a_probe_nothing_is_left_in_the_pool()
    {
        var index = new FaceIndex(Smallest);
        var probe = new float[Smallest];
        probe.AsSpan().Fill(1 / MathF.Sqrt(Smallest));
        index.Apply([new FaceChange(1, 1, 1, probe)]);
        var marked = ArrayPool<short>.Shared.Rent(Smallest);
        marked.AsSpan().Fill(7);
        ArrayPool<short>.Shared.Return(marked);

        Assert.Single(index.Search(probe, 1, 0.5, onePerPerson: false));

        Assert.False(ArrayPool<short>.Shared.Rent(Smallest).AsSpan().ContainsAnyExcept((short)0));
    }

    /// <summary>How many buffers were used and wiped. Each thread has pooled ones of its own, which are marked before, and looked at after.</summary>
    private static (int Bytes, int Floats) OnAThreadOfItsOwn(Action work)
    {
        var wiped = (0, 0);
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Mark<byte>(7);
                Mark<float>(7);
                work();
                wiped = (Wiped<byte>(7), Wiped<float>(7));
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        Assert.Null(failure);
        return wiped;
    }

    private static IEnumerable<int> Sizes()
    {
        for (var size = Smallest; size <= Largest; size *= 2) yield return size;
    }

    private static void Mark<T>(T mark)
    {
        foreach (var size in Sizes())
        {
            var buffer = ArrayPool<T>.Shared.Rent(size);
            buffer.AsSpan().Fill(mark);
            ArrayPool<T>.Shared.Return(buffer);
        }
    }

    private static int Wiped<T>(T mark)
        where T : struct, INumber<T>
    {
        var wiped = 0;
        foreach (var size in Sizes())
        {
            var buffer = ArrayPool<T>.Shared.Rent(size).AsSpan();
            if (!buffer.ContainsAnyExcept(T.Zero)) wiped++;
            else Assert.False(buffer.ContainsAnyExcept(mark), $"{size} of {typeof(T).Name} hold something");
        }

        return wiped;
    }
}
