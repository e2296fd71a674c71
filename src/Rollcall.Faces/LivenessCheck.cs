using System.Buffers;
using System.Runtime.Intrinsics;
using Rollcall.Faces.Models;

namespace Rollcall.Faces;

/// <summary>
/// Stage 6, only where it is asked for: MiniFASNet, the mean of the pack's models. Each sees the face with its surroundings, for the edge of a
/// print or a screen gives it away as well as its grain does.
/// </summary>
/// <remarks>
/// Crop and sampling are those of the models' authors (minivision's Silent-Face-Anti-Spoofing, <c>generate_patches.py</c>), artefacts
/// included: one bilinear sample a pixel and no averaging, however much the crop is shrunk, since it is what the models learned from.
/// </remarks>
internal sealed class LivenessCheck : IDisposable
{
    private const int Side = 80;
    private const int Classes = 3;
    private const int Living = 1;

    private readonly IReadOnlyList<(Model Model, double Scale)> _models;

    private LivenessCheck(IReadOnlyList<(Model, double)> models) => _models = models;

    /// <summary>The pack's check, or null where the pack has none or a file of it is not here: the mean of some of the models would be another check.</summary>
    public static LivenessCheck? Load(InstalledPack installed, int threads)
    {
        var pack = installed.Pack;
        if (pack.Liveness is not { } check || pack.Files.Any(file => file.Role == ModelRole.Liveness && installed.Find(file) is null))
            return null;
        return new([.. installed.Files.Where(one => one.File.Role == ModelRole.Liveness)
            .Select(one => (new Model(one.Path, threads, fixedShapes: true), check.Scales[one.File.Name]))]);
    }

    /// <summary>How much the face looks like a living one, 0..1, as it is answered: to four digits.</summary>
    public double Score(Picture picture, Detection face)
    {
        var sum = 0.0;
        foreach (var (model, scale) in _models)
            sum += Score(model, picture, Crop.Around(face, scale, picture.Width, picture.Height));
        return Math.Round(sum / _models.Count, 4);
    }

    private static double Score(Model model, Picture picture, Crop crop)
    {
        const int length = 3 * Side * Side;
        var input = ArrayPool<float>.Shared.Rent(length);
        try
        {
            Fill(input.AsSpan(0, length), picture, crop);
            using var outputs = model.Run(input.AsMemory(0, length), [1, 3, Side, Side]);
            var logits = outputs[0].GetTensorDataAsSpan<float>();
            if (logits.Length != Classes || !float.IsFinite(logits[0] + logits[1] + logits[2]))
                throw new InvalidOperationException($"The liveness model answered {logits.Length} numbers or one that is not finite.");
            var sum = 0.0;
            foreach (var logit in logits)
                sum += Math.Exp(logit - logits[Living]);
            return 1 / sum;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(input, clearArray: true);
        }
    }

    /// <summary>Planes blue, green, red of whole numbers 0..255.</summary>
    private static unsafe void Fill(Span<float> input, Picture picture, Crop crop)
    {
        const int plane = Side * Side;
        var map = picture.ToStored;
        for (int y = 0, at = 0; y < Side; y++)
        {
            var (top, down, bottom) = Between(y, crop.Top, crop.Height);
            for (var x = 0; x < Side; x++, at++)
            {
                var (left, across, right) = Between(x, crop.Left, crop.Width);
                var upper = (Load(left, top) * (1 - across)) + (Load(right, top) * across);
                var lower = (Load(left, bottom) * (1 - across)) + (Load(right, bottom) * across);
                var colour = (upper * (1 - down)) + (lower * down);
                input[at] = MathF.Round(colour[2]);
                input[at + plane] = MathF.Round(colour[1]);
                input[at + plane + plane] = MathF.Round(colour[0]);
            }
        }

        Vector128<float> Load(int x, int y)
        {
            var (storedX, storedY) = ((int)((map.Xx * x) + (map.Xy * y) + map.X0), (int)((map.Yx * x) + (map.Yy * y) + map.Y0));
            return AreaReducer.Load(picture.Pixels + ((long)storedY * picture.Stride) + (storedX * 4));
        }
    }

    /// <summary>The two pixels of the picture between which a pixel of the input lies, and how far it is from the first.</summary>
    private static (int First, float Share, int Second) Between(int at, int start, int length)
    {
        var position = Math.Clamp(((at + 0.5f) * length / Side) - 0.5f, 0, length - 1);
        var first = (int)position;
        return (start + first, position - first, start + Math.Min(first + 1, length - 1));
    }

    public void Dispose()
    {
        foreach (var (model, _) in _models)
            model.Dispose();
    }

    /// <summary>The part of a picture that a model sees, in whole upright pixels.</summary>
    internal readonly record struct Crop(int Left, int Top, int Width, int Height)
    {
        /// <summary>The box made larger around its middle, no larger than the picture, and moved into it where it would leave it.</summary>
        public static Crop Around(Detection face, double scale, int width, int height)
        {
            scale = Math.Min(scale, Math.Min((height - 1) / face.Height, (width - 1) / face.Width));
            var (left, right) = Into(face.X + (face.Width / 2), face.Width * scale, width);
            var (top, bottom) = Into(face.Y + (face.Height / 2), face.Height * scale, height);
            return new(left, top, right - left + 1, bottom - top + 1);
        }

        // An end that is moved is set and not added up: a rounding error would cost its last pixel.
        private static (int First, int Last) Into(double middle, double length, int end)
        {
            var (first, last) = (middle - (length / 2), middle + (length / 2));
            if (first < 0)
                (first, last) = (0, last - first);
            if (last > end - 1)
                (first, last) = (first - (last - end + 1), end - 1);
            return ((int)first, (int)last);
        }
    }
}
