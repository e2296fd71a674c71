using System.Buffers;
using Microsoft.ML.OnnxRuntime;

namespace Rollcall.Faces;

/// <summary>A face as the detector sees it, in upright pixels of the decoded picture.</summary>
/// <param name="Score">0..1.</param>
/// <param name="X">The left side; may lie outside the picture.</param>
/// <param name="Y">The top side; may lie outside the picture.</param>
/// <param name="Width">The box's width.</param>
/// <param name="Height">The box's height.</param>
/// <param name="Landmarks">Left eye, right eye, nose, left and right mouth corner; left and right as in the picture.</param>
internal sealed record Detection(
    double Score, double X, double Y, double Width, double Height, (double X, double Y)[] Landmarks)
{
    public double ShortSide => Math.Min(Width, Height);

    public double Area => Width * Height;

    public double Overlap(Detection other)
    {
        var width = Math.Min(X + Width, other.X + other.Width) - Math.Max(X, other.X);
        var height = Math.Min(Y + Height, other.Y + other.Height) - Math.Max(Y, other.Y);
        if (width <= 0 || height <= 0)
            return 0;
        var shared = width * height;
        return shared / (Area + other.Area - shared);
    }
}

/// <summary>
/// Stage 2: YuNet. Its input is blue, green, red planes of 0..255, padded right and bottom to a multiple of 32, or to the one
/// size that an export with a fixed input takes; for each of the strides 8, 16, 32 it answers, cell by cell in rows, a class
/// and an object score, a box and five landmarks.
/// </summary>
internal sealed class FaceDetector(Model model, double threshold) : IDisposable
{
    /// <summary>The detector is best on faces of 10 to 300 px; a larger picture is shrunk to this long side.</summary>
    public const int LongSide = 640;

    // A face that fills the picture is larger than what the detector was trained on. Where nothing was found, a look at a
    // quarter of the pixels and less costs little and finds it.
    private const int CloseUpLongSide = 224;
    private const double SameFace = 0.3;
    private const int Multiple = 32;
    private static readonly int[] Strides = [8, 16, 32];

    private readonly int[] _outputs =
    [
        .. from part in (string[])["cls", "obj", "bbox", "kps"]
           from stride in Strides
           select Array.IndexOf(model.Outputs, $"{part}_{stride}"),
    ];

    /// <summary>Every face of the threshold's score or more, largest first.</summary>
    public List<Detection> Detect(Picture picture)
    {
        var faces = DetectAt(picture, ScaleInto(picture, LongSide, 1));
        return faces.Count > 0 ? faces : DetectAt(picture, ScaleInto(picture, CloseUpLongSide, 0.5));
    }

    /// <summary>The scale at which the picture's long side has at most that many pixels, and the picture fits a fixed input.</summary>
    private double ScaleInto(Picture picture, int longSide, double most)
    {
        var scale = Math.Min(most, (double)longSide / Math.Max(picture.Width, picture.Height));
        return model.FixedSize is var (width, height)
            ? Math.Min(scale, Math.Min((double)width / picture.Width, (double)height / picture.Height))
            : scale;
    }

    private List<Detection> DetectAt(Picture picture, double scale)
    {
        var width = Math.Max(1, (int)Math.Round(picture.Width * scale));
        var height = Math.Max(1, (int)Math.Round(picture.Height * scale));
        var (paddedWidth, paddedHeight) = model.FixedSize ?? (Padded(width), Padded(height));
        var length = 3 * paddedWidth * paddedHeight;
        var input = ArrayPool<float>.Shared.Rent(length);
        try
        {
            Fill(input.AsSpan(0, length), picture, width, height, paddedWidth, paddedHeight);
            using var outputs = model.Run(input.AsMemory(0, length), [1, 3, paddedHeight, paddedWidth]);
            var found = Read(outputs, paddedWidth, paddedHeight);
            return [.. Distinct(found).Select(face => Enlarge(face, (double)picture.Width / width, (double)picture.Height / height))
                .OrderByDescending(face => face.Area)];
        }
        finally
        {
            ArrayPool<float>.Shared.Return(input, clearArray: true);
        }
    }

    private static int Padded(int side) => (side + Multiple - 1) / Multiple * Multiple;

    private static unsafe void Fill(Span<float> input, Picture picture, int width, int height, int paddedWidth, int paddedHeight)
    {
        input.Clear();
        var (storedWidth, storedHeight) = picture.Sideways ? (height, width) : (width, height);
        byte[]? reduced = null;
        try
        {
            if (storedWidth != picture.StoredWidth || storedHeight != picture.StoredHeight)
            {
                reduced = ArrayPool<byte>.Shared.Rent(storedWidth * storedHeight * 4);
                AreaReducer.Reduce(picture.Pixels, picture.StoredWidth, picture.StoredHeight, reduced, storedWidth, storedHeight);
            }

            fixed (byte* small = reduced)
            {
                var pixels = reduced is null ? picture.Pixels : small;
                var map = Picture.StoredOf(picture.Origin, storedWidth, storedHeight);
                var (stepX, stepY) = ((int)(map.Xx + (storedWidth * map.Yx)) * 4, (int)(map.Xy + (storedWidth * map.Yy)) * 4);
                var start = pixels + ((int)(map.X0 + (storedWidth * map.Y0)) * 4);
                var plane = paddedWidth * paddedHeight;
                for (var y = 0; y < height; y++)
                {
                    var pixel = start + ((long)y * stepY);
                    var at = y * paddedWidth;
                    for (var x = 0; x < width; x++, at++, pixel += stepX)
                    {
                        input[at] = pixel[2];
                        input[at + plane] = pixel[1];
                        input[at + plane + plane] = pixel[0];
                    }
                }
            }
        }
        finally
        {
            if (reduced is not null)
                ArrayPool<byte>.Shared.Return(reduced, clearArray: true);
        }
    }

    private List<Detection> Read(IReadOnlyList<OrtValue> outputs, int width, int height)
    {
        var found = new List<Detection>();
        for (var s = 0; s < Strides.Length; s++)
        {
            var stride = Strides[s];
            var classes = outputs[_outputs[s]].GetTensorDataAsSpan<float>();
            var objects = outputs[_outputs[s + 3]].GetTensorDataAsSpan<float>();
            var boxes = outputs[_outputs[s + 6]].GetTensorDataAsSpan<float>();
            var points = outputs[_outputs[s + 9]].GetTensorDataAsSpan<float>();
            var columns = width / stride;
            for (var i = 0; i < columns * (height / stride); i++)
            {
                var score = Math.Sqrt(Math.Clamp(classes[i], 0, 1) * Math.Clamp(objects[i], 0, 1));
                if (score < threshold)
                    continue;
                var (column, row) = (i % columns, i / columns);
                var box = boxes.Slice(i * 4, 4);
                var kps = points.Slice(i * 10, 10);
                var (boxWidth, boxHeight) = (Math.Exp(box[2]) * stride, Math.Exp(box[3]) * stride);
                var landmarks = new (double, double)[5];
                for (var k = 0; k < 5; k++)
                    landmarks[k] = ((kps[2 * k] + column) * stride, (kps[(2 * k) + 1] + row) * stride);
                found.Add(new(
                    score,
                    ((column + box[0]) * stride) - (boxWidth / 2),
                    ((row + box[1]) * stride) - (boxHeight / 2),
                    boxWidth,
                    boxHeight,
                    landmarks));
            }
        }

        return found;
    }

    /// <summary>Of boxes that overlap, the one with the best score.</summary>
    private static List<Detection> Distinct(List<Detection> found)
    {
        var kept = new List<Detection>();
        foreach (var face in found.OrderByDescending(face => face.Score))
        {
            if (!kept.Exists(better => better.Overlap(face) > SameFace))
                kept.Add(face);
        }

        return kept;
    }

    /// <summary>From the detector's pixels to the picture's. Landmarks are centres of pixels, boxes lie between pixels.</summary>
    private static Detection Enlarge(Detection face, double x, double y) => new(
        face.Score,
        face.X * x,
        face.Y * y,
        face.Width * x,
        face.Height * y,
        [.. face.Landmarks.Select(point => (((point.X + 0.5) * x) - 0.5, ((point.Y + 0.5) * y) - 0.5))]);

    public void Dispose() => model.Dispose();
}
