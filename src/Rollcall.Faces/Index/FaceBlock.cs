using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rollcall.Faces.Index;

/// <summary>A run of faces, quantised to int8. Never changed once a search may see it.</summary>
internal sealed class FaceBlock
{
    // 512 rows of 128 bytes stay below the size from which the runtime treats an array as large: copying one is cheap.
    public const int Rows = 512;
    public const int MostSteps = 127;
    private const int Lane = 32;

    private readonly int _width;
    private readonly sbyte[] _quantised;

    public FaceBlock(int dimensions)
    {
        _width = Padded(dimensions);
        _quantised = new sbyte[Rows * _width];
    }

    private FaceBlock(FaceBlock other)
    {
        _width = other._width;
        _quantised = [.. other._quantised];
        Faces = [.. other.Faces];
        Persons = [.. other.Persons];
        Steps = [.. other.Steps];
        Lost = [.. other.Lost];
    }

    public long[] Faces { get; } = new long[Rows];
    public long[] Persons { get; } = new long[Rows];

    /// <summary>The size of a row's step.</summary>
    public float[] Steps { get; } = new float[Rows];

    /// <summary>The length of what the rounding of a row lost, rounded up.</summary>
    public float[] Lost { get; } = new float[Rows];

    /// <summary>Rows are padded with zeros to whole registers.</summary>
    public static int Padded(int dimensions) => (dimensions + Lane - 1) / Lane * Lane;

    /// <summary>What a block takes in memory.</summary>
    public static long Bytes(int dimensions) => Rows * (Padded(dimensions) + (2L * sizeof(long)) + (2 * sizeof(float)));

    public FaceBlock Clone() => new(this);

    public void Set(int row, long face, long person, ReadOnlySpan<float> vector)
    {
        var steps = _quantised.AsSpan(row * _width, _width);
        var step = Math.Abs(TensorPrimitives.MaxMagnitude(vector)) / MostSteps;
        var lost = 0.0;
        for (var i = 0; i < vector.Length; i++)
        {
            steps[i] = (sbyte)Math.Clamp(MathF.Round(vector[i] / step), -MostSteps, MostSteps);
            var rest = vector[i] - ((double)steps[i] * step);
            lost += rest * rest;
        }

        (Faces[row], Persons[row], Steps[row], Lost[row]) = (face, person, step, MathF.BitIncrement((float)Math.Sqrt(lost)));
    }

    /// <summary>Forgets a row.</summary>
    public void Clear(int row)
    {
        _quantised.AsSpan(row * _width, _width).Clear();
        (Faces[row], Persons[row], Steps[row], Lost[row]) = (0, 0, 0, 0);
    }

    public void Copy(int row, FaceBlock from, int fromRow)
    {
        from._quantised.AsSpan(fromRow * _width, _width).CopyTo(_quantised.AsSpan(row * _width));
        (Faces[row], Persons[row], Steps[row], Lost[row]) =
            (from.Faces[fromRow], from.Persons[fromRow], from.Steps[fromRow], from.Lost[fromRow]);
    }

    /// <summary>The exact product of a row and a probe of <see cref="Padded"/> length.</summary>
    public int Dot(int row, ReadOnlySpan<short> probe)
    {
        var steps = _quantised.AsSpan(row * _width, _width);
        if (Avx512BW.IsSupported)
            return Dot512(steps, probe);
        return Avx2.IsSupported ? Dot256(steps, probe) : DotPortable(steps, probe);
    }

    internal static int Dot512(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> probe)
    {
        var sum = Vector512<int>.Zero;
        for (var i = 0; i < row.Length; i += 32)
        {
            var wide = Avx512BW.ConvertToVector512Int16(Vector256.Create(row.Slice(i, 32)));
            sum += Avx512BW.MultiplyAddAdjacent(wide, Vector512.Create(probe.Slice(i, 32)));
        }

        return Vector512.Sum(sum);
    }

    internal static int Dot256(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> probe)
    {
        var sum = Vector256<int>.Zero;
        for (var i = 0; i < row.Length; i += 16)
        {
            var wide = Avx2.ConvertToVector256Int16(Vector128.Create(row.Slice(i, 16)));
            sum += Avx2.MultiplyAddAdjacent(wide, Vector256.Create(probe.Slice(i, 16)));
        }

        return Vector256.Sum(sum);
    }

    internal static int DotPortable(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> probe)
    {
        var sum = Vector128<int>.Zero;
        for (var i = 0; i < row.Length; i += 8)
        {
            var eight = MemoryMarshal.Read<long>(MemoryMarshal.AsBytes(row.Slice(i, 8)));
            var wide = Vector128.WidenLower(Vector128.CreateScalar(eight).AsSByte());
            var other = Vector128.Create(probe.Slice(i, 8));
            sum += Vector128.WidenLower(wide) * Vector128.WidenLower(other);
            sum += Vector128.WidenUpper(wide) * Vector128.WidenUpper(other);
        }

        return Vector128.Sum(sum);
    }
}
