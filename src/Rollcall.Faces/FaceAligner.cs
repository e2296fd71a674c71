using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rollcall.Faces.Models;

namespace Rollcall.Faces;

/// <summary>A face in the pose of the template: a model's input, and its luma for the assessment.</summary>
internal sealed class AlignedFace(int side) : IDisposable
{
    private float[] _pooled = ArrayPool<float>.Shared.Rent(4 * side * side);

    public int Side => side;

    /// <summary>Three planes, normalised as the model wants them.</summary>
    public Memory<float> Tensor => _pooled.AsMemory(0, 3 * side * side);

    /// <summary>One plane of 0..255.</summary>
    public Span<float> Luma => _pooled.AsSpan(3 * side * side, side * side);

    /// <summary>The share of the face within the crop, 0..1, that lies outside the picture and is black.</summary>
    public double Outside { get; set; }

    /// <summary>The root mean square distance of the moved landmarks from the template, in pixels of the crop.</summary>
    public double Misfit { get; set; }

    /// <summary>The landmarks in pixels of the crop.</summary>
    public (double X, double Y)[] Landmarks { get; } = new (double, double)[5];

    public void Dispose()
    {
        ArrayPool<float>.Shared.Return(_pooled, clearArray: true);
        _pooled = [];
    }
}

/// <summary>
/// Stage 3: the similarity transform that brings the landmarks closest to the template, sampled bilinearly straight from
/// the decoded picture into the model's input; black outside the picture.
/// </summary>
internal sealed class FaceAligner
{
    // A face much larger than the crop is averaged over this many samples a pixel and direction at most: one sample would alias.
    private const int MostSamples = 12;

    // Of the crop, the middle two thirds from the brow down are face on every picture; the rest may be background.
    private const double Margin = 1.0 / 6;
    private readonly FaceInput _input;
    private readonly (double X, double Y)[] _template;

    public FaceAligner(FaceInput input)
    {
        _input = input;
        _template = [.. input.Template.Chunk(2).Select(pair => ((double)pair[0], (double)pair[1]))];
    }

    public unsafe AlignedFace Align(Picture picture, Detection face)
    {
        var side = _input.Side;
        var aligned = new AlignedFace(side);
        var toCrop = Affine.Similarity(face.Landmarks, _template);
        Place(aligned, toCrop, face);
        var map = picture.ToStored.After(Inverse(toCrop));
        var samples = Math.Clamp((int)Math.Round(Math.Sqrt((map.Xx * map.Xx) + (map.Yx * map.Yx))), 1, MostSamples);
        var (scale, bias) = Normalisation();
        var tensor = aligned.Tensor.Span;
        var luma = aligned.Luma;
        var plane = side * side;
        var (red, blue) = _input.Channels == ChannelOrder.Rgb ? (0, 2 * plane) : (2 * plane, 0);
        var margin = (int)(side * Margin);
        var outside = 0;
        for (int y = 0, at = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++, at++)
            {
                var colour = Vector128<float>.Zero;
                var missing = 0;
                for (var v = 0; v < samples; v++)
                {
                    for (var u = 0; u < samples; u++)
                    {
                        var (cx, cy) = (x + ((u + 0.5) / samples) - 0.5, y + ((v + 0.5) / samples) - 0.5);
                        colour += Sample(
                            picture,
                            (float)((map.Xx * cx) + (map.Xy * cy) + map.X0),
                            (float)((map.Yx * cx) + (map.Yy * cy) + map.Y0),
                            ref missing);
                    }
                }

                if (y >= margin && x >= margin && x < side - margin)
                    outside += missing;

                colour *= 1f / (samples * samples);
                luma[at] = (0.299f * colour[0]) + (0.587f * colour[1]) + (0.114f * colour[2]);
                var value = (colour * scale) + bias;
                tensor[at + red] = value[0];
                tensor[at + plane] = value[1];
                tensor[at + blue] = value[2];
            }
        }

        aligned.Outside = (double)outside / ((side - margin) * (side - (2 * margin)) * samples * samples);
        return aligned;
    }

    private void Place(AlignedFace aligned, Affine toCrop, Detection face)
    {
        var misfit = 0.0;
        for (var i = 0; i < face.Landmarks.Length; i++)
        {
            var (x, y) = face.Landmarks[i];
            var at = ((toCrop.Xx * x) + (toCrop.Xy * y) + toCrop.X0, (toCrop.Yx * x) + (toCrop.Yy * y) + toCrop.Y0);
            aligned.Landmarks[i] = at;
            var (dx, dy) = (at.Item1 - _template[i].X, at.Item2 - _template[i].Y);
            misfit += ((dx * dx) + (dy * dy)) / face.Landmarks.Length;
        }

        aligned.Misfit = Math.Sqrt(misfit);
    }

    /// <summary>The inverse of a similarity. One that shrinks all to a point, from landmarks that are one, is kept finite.</summary>
    private static Affine Inverse(Affine map)
    {
        var square = Math.Max((map.Xx * map.Xx) + (map.Yx * map.Yx), 1e-9);
        var (a, b) = (map.Xx / square, map.Yx / square);
        return new(a, b, -(a * map.X0) - (b * map.Y0), -b, a, (b * map.X0) - (a * map.Y0));
    }

    /// <summary>(v - mean) / deviation as v · scale + bias.</summary>
    private (Vector128<float> Scale, Vector128<float> Bias) Normalisation()
    {
        var (mean, deviation) = (_input.Mean, _input.Deviation);
        return (
            Vector128.Create(1 / deviation[0], 1 / deviation[1], 1 / deviation[2], 0),
            Vector128.Create(-mean[0] / deviation[0], -mean[1] / deviation[1], -mean[2] / deviation[2], 0));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector128<float> Sample(Picture picture, float x, float y, ref int outside)
    {
        var (width, height) = (picture.StoredWidth, picture.StoredHeight);
        if (!(x > -1 && y > -1 && x < width && y < height))
        {
            outside++;
            return default;
        }

        var (left, top) = ((int)MathF.Floor(x), (int)MathF.Floor(y));
        var (right, bottom) = (x - left, y - top);
        var pixel = picture.Pixels + ((long)top * picture.Stride) + (left * 4);
        if (left >= 0 && top >= 0 && left + 1 < width && top + 1 < height)
        {
            var upper = (AreaReducer.Load(pixel) * (1 - right)) + (AreaReducer.Load(pixel + 4) * right);
            var lower = (AreaReducer.Load(pixel + picture.Stride) * (1 - right)) + (AreaReducer.Load(pixel + picture.Stride + 4) * right);
            return (upper * (1 - bottom)) + (lower * bottom);
        }

        // On the border: the neighbours outside count as black.
        var sum = Vector128<float>.Zero;
        for (var i = 0; i < 4; i++)
        {
            var (dx, dy) = (i & 1, i >> 1);
            if ((uint)(left + dx) < (uint)width && (uint)(top + dy) < (uint)height)
            {
                var weight = (dx == 0 ? 1 - right : right) * (dy == 0 ? 1 - bottom : bottom);
                sum += AreaReducer.Load(pixel + (dy * picture.Stride) + (dx * 4)) * weight;
            }
        }

        return sum;
    }
}
