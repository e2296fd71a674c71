using System.Buffers;
using System.Numerics.Tensors;

namespace Rollcall.Faces.Index;

/// <summary>
/// Exact search over the vectors of one collection, in memory at about a quarter of their size. Safe for any number of
/// threads: a search works on the state that was published when it began and never waits for a change.
/// </summary>
/// <remarks>
/// Why <see cref="Search"/> misses nothing. A vector v is held as s·q, q of int8, and the probe p as t·u, u of int16; r and e
/// are what the rounding leaves. Then p·v = s·t·(u·q) + p·r + e·(s·q), the product u·q is exact in int32, and by
/// Cauchy and Schwarz |p·r| ≤ ‖p‖‖r‖ and |e·(s·q)| ≤ ‖e‖‖s·q‖. With a little for the rounding of floats this gives each
/// face an interval that holds its cosine. Let T be the least of the topK best lower ends, counted by person where one hit
/// a person is asked for: topK faces (persons) reach T in truth, so whatever belongs to the exact answer reaches T as well,
/// and its upper end does. All faces whose upper end reaches T and the caller's least cosine are named.
/// <see cref="Rescore"/> then orders them by their stored float32 vectors.
/// </remarks>
/// <param name="dimensions">The length of the vectors.</param>
public sealed class FaceIndex(int dimensions)
{
    // Vectors are of unit length as a contract of the callers; this much is forgiven and allowed for in the bounds.
    private const float Unit = 1.01f;

    // The relative rounding error of one float32 operation: 2^-24.
    private const float RoundOff = 1f / (1 << 24);

    private readonly Lock _writing = new();
    private readonly Dictionary<long, int> _slots = [];
    private volatile State _state = new([], 0, 0);

    /// <summary>The highest change number taken up, 0 at first.</summary>
    public long LastChange => _state.LastChange;

    /// <summary>How many faces are held.</summary>
    public int Count => _state.Count;

    /// <summary>Bytes that the vectors and their keys take.</summary>
    public long Bytes => _state.Blocks.Length * FaceBlock.Bytes(dimensions);

    private sealed record State(FaceBlock[] Blocks, int Count, long LastChange);

    /// <summary>
    /// Takes up changes; those taken up before are passed over, so that a page may be applied twice. All of them become
    /// visible to searches at once.
    /// </summary>
    /// <param name="changes">In rising order of <see cref="FaceChange.ChangeSeq"/>.</param>
    /// <exception cref="ArgumentException">The order falls, or a vector has the wrong length or is not a unit vector.</exception>
    public void Apply(IReadOnlyList<FaceChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        Check(changes);
        lock (_writing)
        {
            var before = _state;
            var blocks = before.Blocks.ToList();
            var own = new HashSet<int>();
            var (count, last) = (before.Count, before.LastChange);
            foreach (var change in changes)
            {
                if (change.ChangeSeq <= before.LastChange)
                    continue;
                last = change.ChangeSeq;
                if (change.Vector is null)
                    count -= Remove(change.FaceKey, blocks, own, count);
                else
                    count += Put(change, blocks, own, count);
            }

            var needed = (count + FaceBlock.Rows - 1) / FaceBlock.Rows;
            _state = new([.. blocks.Take(needed)], count, last);
        }
    }

    /// <summary>Candidates, in no order, that contain every entry of the exact answer.</summary>
    /// <param name="probe">A vector of unit length.</param>
    /// <param name="topK">How many hits the exact answer holds at most, 1 or more.</param>
    /// <param name="minCosine">The least cosine of a hit.</param>
    /// <param name="onePerPerson">Whether only a person's best face is a hit.</param>
    public IReadOnlyList<FaceCandidate> Search(ReadOnlySpan<float> probe, int topK, double minCosine, bool onePerPerson)
    {
        CheckVector(probe);
        ArgumentOutOfRangeException.ThrowIfLessThan(topK, 1);
        var state = _state;
        var width = FaceBlock.Padded(dimensions);
        var rented = ArrayPool<short>.Shared.Rent(width);
        try
        {
            var steps = rented.AsSpan(0, width);
            var (step, lost) = QuantiseProbe(probe, steps);
            var best = new BestBounds(topK);
            var candidates = new List<(FaceCandidate Face, float Upper)>();
            for (var block = 0; block < state.Blocks.Length; block++)
            {
                var rows = Math.Min(FaceBlock.Rows, state.Count - (block * FaceBlock.Rows));
                Scan(state.Blocks[block], rows, steps, step, lost, minCosine, onePerPerson, best, candidates);
            }

            candidates.RemoveAll(candidate => candidate.Upper < best.Least);
            return candidates.ConvertAll(candidate => candidate.Face);
        }
        finally
        {
            ArrayPool<short>.Shared.Return(rented, clearArray: true); // it is somebody's vector
        }
    }

    /// <summary>The exact answer from candidates and their float32 vectors: best first, ties by face key.</summary>
    /// <param name="probe">A vector of unit length.</param>
    /// <param name="candidates">What <see cref="Search"/> named, with the stored vectors.</param>
    /// <param name="topK">How many hits at most.</param>
    /// <param name="minCosine">The least cosine of a hit.</param>
    /// <param name="onePerPerson">Whether only a person's best face is a hit.</param>
    public static IReadOnlyList<FaceHit> Rescore(
        ReadOnlySpan<float> probe,
        IReadOnlyList<(long FaceKey, long PersonKey, float[] Vector)> candidates,
        int topK,
        double minCosine,
        bool onePerPerson)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        var hits = new List<FaceHit>(candidates.Count);
        foreach (var (face, person, vector) in candidates)
        {
            var cosine = TensorPrimitives.Dot(probe, vector);
            if (cosine >= minCosine)
                hits.Add(new(face, person, cosine));
        }

        var ranked = hits.OrderByDescending(hit => hit.Cosine).ThenBy(hit => hit.FaceKey).AsEnumerable();
        return [.. (onePerPerson ? ranked.DistinctBy(hit => hit.PersonKey) : ranked).Take(topK)];
    }

    private void Scan(
        FaceBlock block, int rows, ReadOnlySpan<short> probe, float step, float lost, double minCosine, bool onePerPerson,
        BestBounds best, List<(FaceCandidate Face, float Upper)> candidates)
    {
        // Twice the worst rounding of a float32 dot product of unit vectors, on either side of the interval.
        var slack = 2 * (dimensions + 8) * RoundOff * Unit * Unit;
        var least = Math.Max(minCosine, best.Least);
        for (var row = 0; row < rows; row++)
        {
            var cosine = block.Dot(row, probe) * step * block.Steps[row];
            var error = (Unit * block.Lost[row]) + (Unit * lost) + slack;
            if (cosine + error < least)
                continue;
            var (face, person) = (block.Faces[row], block.Persons[row]);
            candidates.Add((new(face, person, cosine), cosine + error));
            best.Offer(onePerPerson ? person : face, cosine - error);
            least = Math.Max(minCosine, best.Least);
        }
    }

    /// <summary>The probe in steps of int16, as fine as the sum of products in int32 allows.</summary>
    private (float Step, float Lost) QuantiseProbe(ReadOnlySpan<float> probe, Span<short> steps)
    {
        var most = Math.Min(short.MaxValue, int.MaxValue / (FaceBlock.MostSteps * dimensions));
        var step = Math.Abs(TensorPrimitives.MaxMagnitude(probe)) / most;
        steps.Clear();
        var lost = 0.0;
        for (var i = 0; i < probe.Length; i++)
        {
            steps[i] = (short)Math.Clamp(MathF.Round(probe[i] / step), -most, most);
            var rest = probe[i] - ((double)steps[i] * step);
            lost += rest * rest;
        }

        return (step, MathF.BitIncrement((float)Math.Sqrt(lost)));
    }

    private int Put(FaceChange change, List<FaceBlock> blocks, HashSet<int> own, int count)
    {
        var added = _slots.TryGetValue(change.FaceKey, out var slot) ? 0 : 1;
        if (added == 1)
            _slots[change.FaceKey] = slot = count;
        Own(slot / FaceBlock.Rows, blocks, own).Set(slot % FaceBlock.Rows, change.FaceKey, change.PersonKey, change.Vector!);
        return added;
    }

    /// <summary>The last row takes the place of the removed one, so that rows stay dense; where it was, nothing of a face stays behind.</summary>
    private int Remove(long face, List<FaceBlock> blocks, HashSet<int> own, int count)
    {
        if (!_slots.Remove(face, out var slot))
            return 0;
        var last = count - 1;
        var from = Own(last / FaceBlock.Rows, blocks, own);
        if (slot != last)
        {
            Own(slot / FaceBlock.Rows, blocks, own).Copy(slot % FaceBlock.Rows, from, last % FaceBlock.Rows);
            _slots[from.Faces[last % FaceBlock.Rows]] = slot;
        }

        from.Clear(last % FaceBlock.Rows);
        return 1;
    }

    /// <summary>A block that searches do not see yet: one that they may see is copied first, once for each call of Apply.</summary>
    private FaceBlock Own(int index, List<FaceBlock> blocks, HashSet<int> own)
    {
        if (index == blocks.Count)
        {
            blocks.Add(new(dimensions));
            own.Add(index);
        }
        else if (own.Add(index))
        {
            blocks[index] = blocks[index].Clone();
        }

        return blocks[index];
    }

    private void Check(IReadOnlyList<FaceChange> changes)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            if (i > 0 && changes[i].ChangeSeq < changes[i - 1].ChangeSeq)
                throw new ArgumentException("Changes come in the order of their numbers.", nameof(changes));
            if (changes[i].Vector is { } vector)
                CheckVector(vector);
        }
    }

    private void CheckVector(ReadOnlySpan<float> vector)
    {
        if (vector.Length != dimensions)
            throw new ArgumentException($"A vector has {vector.Length} numbers where the index holds {dimensions}.", nameof(vector));
        var length = TensorPrimitives.Norm(vector);
        if (!(length is > 2 - Unit and < Unit))
            throw new ArgumentException($"A vector has the length {length} where 1 is expected.", nameof(vector));
    }
}
