using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rollcall.Faces;

/// <summary>Shrinks pixels by averaging the area that each new pixel covers, so that nothing aliases.</summary>
internal static unsafe class AreaReducer
{
    /// <summary>Shrinks 4-byte pixels.</summary>
    /// <param name="source">The pixels.</param>
    /// <param name="width">Their width.</param>
    /// <param name="height">Their height.</param>
    /// <param name="target">Room for <paramref name="newWidth"/> × <paramref name="newHeight"/> pixels.</param>
    /// <param name="newWidth">At most <paramref name="width"/>.</param>
    /// <param name="newHeight">At most <paramref name="height"/>.</param>
    public static void Reduce(byte* source, int width, int height, Span<byte> target, int newWidth, int newHeight)
    {
        var rows = ArrayPool<float>.Shared.Rent(newWidth * 8);
        try
        {
            var narrow = rows.AsSpan(0, newWidth * 4);
            var sum = rows.AsSpan(newWidth * 4, newWidth * 4);
            sum.Clear();
            var (stepX, stepY) = ((float)width / newWidth, (float)height / newHeight);
            var scale = 1 / (stepX * stepY);
            var row = 0;
            for (var y = 0; y < height; y++)
            {
                Narrow(source + ((long)y * width * 4), width, narrow, newWidth, stepX);
                // A row of the source belongs to one new row, or lies across two.
                var end = (row + 1) * stepY;
                var share = Math.Clamp(end - y, 0, 1);
                Add(sum, narrow, share);
                if (y + 1 < end && y + 1 < height)
                    continue;
                Store(sum, target.Slice(row * newWidth * 4, newWidth * 4), scale);
                if (++row == newHeight)
                    return;
                sum.Clear();
                Add(sum, narrow, 1 - share);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rows, clearArray: true);
        }
    }

    private static void Narrow(byte* source, int width, Span<float> target, int newWidth, float step)
    {
        for (var x = 0; x < newWidth; x++)
        {
            var (from, to) = (x * step, Math.Min((x + 1) * step, width));
            var first = (int)from;
            var last = Math.Min((int)to, width - 1);
            var total = Load(source + (first * 4)) * (Math.Min(to, first + 1) - from);
            for (var i = first + 1; i < last; i++)
                total += Load(source + (i * 4));
            if (last > first)
                total += Load(source + (last * 4)) * (to - last);
            total.CopyTo(target.Slice(x * 4, 4));
        }
    }

    private static void Add(Span<float> sum, ReadOnlySpan<float> row, float weight)
    {
        for (var i = 0; i < sum.Length; i += 4)
            (Vector128.Create<float>(sum.Slice(i, 4)) + (Vector128.Create(row.Slice(i, 4)) * weight)).CopyTo(sum.Slice(i, 4));
    }

    private static void Store(ReadOnlySpan<float> sum, Span<byte> target, float scale)
    {
        for (var i = 0; i < sum.Length; i++)
            target[i] = (byte)Math.Min(255, (sum[i] * scale) + 0.5f);
    }

    /// <summary>Four bytes as four floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<float> Load(byte* pixel)
    {
        var bytes = Vector128.CreateScalarUnsafe(*(uint*)pixel).AsByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32());
    }
}
