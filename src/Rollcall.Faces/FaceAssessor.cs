namespace Rollcall.Faces;

/// <summary>What stage 4 measures on a face. <see cref="Grades"/> are 0..1 each, 1 where nothing is to be said against it.</summary>
/// <param name="Sharpness">
/// The differences over 2 px in relation to those over 4 px: 0.5 where all is smooth, about 0.63 in a sharp photograph. A
/// ratio of the two, unlike an amount of detail, is the same for a pale face and for one in hard light.
/// </param>
/// <param name="Brightness">The mean luma of the face, 0..255.</param>
/// <param name="Contrast">The standard deviation of its luma.</param>
/// <param name="Side">The short side of its box, in pixels of the file.</param>
/// <param name="Turn">How far it is turned, 0 (frontal) to about 1 (profile).</param>
/// <param name="Outside">The share of the face that lies outside the picture, 0..1.</param>
/// <param name="SharpnessRange">The pack's, between which <paramref name="Sharpness"/> is graded.</param>
/// <param name="Judgement">The pack's quality model's, or null where the pack has none.</param>
internal readonly record struct FaceMeasures(
    double Sharpness, double Brightness, double Contrast, double Side, double Turn, double Outside, (double Smooth, double Sharp) SharpnessRange, double? Judgement)
{
    /// <summary>A grade for each reason; both ends of each ramp are set by hand, their scale is the calibration's work.</summary>
    public (string Reason, double Grade)[] Grades =>
    [
        (QualityReasons.Blur, Ramp(Sharpness, SharpnessRange.Smooth, SharpnessRange.Sharp)),
        (QualityReasons.TooDark, Ramp(Brightness, 15, 90)),
        (QualityReasons.TooBright, Ramp(255 - Brightness, 10, 80)),
        (QualityReasons.LowContrast, Ramp(Contrast, 5, 40)),
        (QualityReasons.TooSmall, Ramp(Math.Log2(Side), Math.Log2(12), Math.Log2(64))),
        (QualityReasons.Pose, Ramp(-Turn, -1.3, -0.1)),
        (QualityReasons.PartlyOutside, Ramp(-Outside, -0.3, 0)),
        // LightQNet gives 0.1 to about 0.6; of LFW 99 % are above 0.5.
        .. Judgement is { } judgement ? [(QualityReasons.Unclear, Ramp(judgement, 0.1, 0.6))] : Array.Empty<(string, double)>(),
    ];

    /// <summary>One number, 0..1: the product of the grades, so that one bad grade is enough.</summary>
    public double Raw
    {
        get
        {
            var raw = 1.0;
            foreach (var (_, grade) in Grades)
                raw *= grade;
            return raw;
        }
    }

    private static double Ramp(double value, double worst, double best) =>
        0.02 + (0.98 * Math.Clamp((value - worst) / (best - worst), 0, 1));
}

/// <summary>
/// Stage 4: how fit for recognition a face is, from its crop and its landmarks, and by the pack's quality model where it has
/// one. Sharpness, brightness and contrast are measured on the crop, that is at the resolution at which the embedding model
/// will see the face.
/// </summary>
internal sealed class FaceAssessor(Models.ModelPack pack, QualityModel? model)
{
    // A grade below this is a reason; a face that fails the caller's gate without one gets its worst grade as the reason.
    private const double Poor = 0.4;

    public FaceQuality Assess(Picture picture, Detection face, AlignedFace aligned)
    {
        var measures = Measure(picture, face, aligned);
        var grades = measures.Grades;
        Array.Sort(grades, (a, b) => a.Grade.CompareTo(b.Grade));
        return new(pack.Quality.ToScore(measures.Raw), [.. grades.TakeWhile(grade => grade.Grade < Poor).Select(grade => grade.Reason)]);
    }

    /// <summary>The worst grade's reason, for a face that the caller's gate refuses though none of its grades is poor.</summary>
    public string WorstReason(Picture picture, Detection face, AlignedFace aligned) =>
        Measure(picture, face, aligned).Grades.MinBy(grade => grade.Grade).Reason;

    public FaceMeasures Measure(Picture picture, Detection face, AlignedFace aligned)
    {
        var (brightness, contrast, sharpness) = Light(aligned);
        return new(
            sharpness,
            brightness,
            contrast,
            face.ShortSide * picture.Reduction,
            Turn(face, aligned),
            // The box alone does not tell: for a face cut by the edge the detector often draws it around what is left.
            Math.Max(aligned.Outside, 1 - (Inside(face.X, face.Width, picture.Width) * Inside(face.Y, face.Height, picture.Height))),
            pack.Sharpness,
            model?.Judge(picture, face));
    }

    /// <summary>Mean, deviation and sharpness of the luma, from brow to chin and between the cheeks.</summary>
    private static (double Mean, double Deviation, double Sharpness) Light(AlignedFace aligned)
    {
        var luma = aligned.Luma;
        var side = aligned.Side;
        var (left, right, top, bottom) = (side / 5, side - (side / 5), side / 4, side - (side / 8));
        // A little is added to both so that a plain surface is smooth and not 0 / 0.
        var (sum, squares, near, far) = (0.0, 0.0, 0.25, 1.0);
        for (var y = top; y < bottom; y++)
        {
            for (int x = left, at = (y * side) + left; x < right; x++, at++)
            {
                var value = luma[at];
                sum += value;
                squares += value * value;
                near += Square(luma[at + 1] - luma[at - 1]) + Square(luma[at + side] - luma[at - side]);
                far += Square(luma[at + 2] - luma[at - 2]) + Square(luma[at + (2 * side)] - luma[at - (2 * side)]);
            }
        }

        var count = (right - left) * (bottom - top);
        var mean = sum / count;
        return (mean, Math.Sqrt(Math.Max(0, (squares / count) - (mean * mean))), Math.Sqrt(near / far));
    }

    private static double Square(double value) => value * value;

    /// <summary>
    /// From the landmarks, in units of half the distance between the eyes: how far the nose lies aside of the face's middle
    /// (yaw), how far its height between eyes and mouth is from the usual (pitch), and how far the head leans (roll, radians).
    /// </summary>
    private static double Turn(Detection face, AlignedFace aligned)
    {
        var (leftEye, rightEye, nose, leftMouth, rightMouth) =
            (aligned.Landmarks[0], aligned.Landmarks[1], aligned.Landmarks[2], aligned.Landmarks[3], aligned.Landmarks[4]);
        var (eyesX, eyesY) = ((leftEye.X + rightEye.X) / 2, (leftEye.Y + rightEye.Y) / 2);
        var (mouthX, mouthY) = ((leftMouth.X + rightMouth.X) / 2, (leftMouth.Y + rightMouth.Y) / 2);
        var height = Math.Max(mouthY - eyesY, 1);
        var half = Math.Max(Math.Max(rightEye.X - leftEye.X, 0.7 * height) / 2, 1);
        var along = (nose.Y - eyesY) / height;
        var yaw = Math.Abs(nose.X - (eyesX + (along * (mouthX - eyesX)))) / half;
        // In the template the nose lies half way down.
        var pitch = Math.Max(0, Math.Abs(along - 0.5) - 0.1) * 2;
        var roll = Math.Abs(Math.Atan2(face.Landmarks[1].Y - face.Landmarks[0].Y, face.Landmarks[1].X - face.Landmarks[0].X));
        return Math.Max(yaw, pitch) + (Math.Max(0, roll - 0.35) * 0.5);
    }

    private static double Inside(double start, double length, int end) =>
        Math.Clamp((Math.Min(start + length, end) - Math.Max(start, 0)) / length, 0, 1);
}
