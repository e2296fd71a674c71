namespace Rollcall.Faces;

/// <summary>What stage 4 measures on a face. <see cref="Grades"/> are 0..1 each, 1 where nothing is to be said against it.</summary>
/// <param name="Sharpness">Fine detail in relation to light and shade, about 0.02 (blurred) to 0.3.</param>
/// <param name="Brightness">The mean luma of the face, 0..255.</param>
/// <param name="Contrast">The standard deviation of its luma.</param>
/// <param name="Side">The short side of its box, in pixels of the file.</param>
/// <param name="Turn">How far it is turned, 0 (frontal) to about 1 (profile).</param>
/// <param name="Outside">The share of its box that lies outside the picture, 0..1.</param>
internal readonly record struct FaceMeasures(
    double Sharpness, double Brightness, double Contrast, double Side, double Turn, double Outside)
{
    /// <summary>A grade for each reason; both ends of each ramp are set by hand, their scale is the calibration's work.</summary>
    public (string Reason, double Grade)[] Grades =>
    [
        (QualityReasons.Blur, Ramp(Sharpness, 0.02, 0.16)),
        (QualityReasons.TooDark, Ramp(Brightness, 15, 90)),
        (QualityReasons.TooBright, Ramp(255 - Brightness, 10, 80)),
        (QualityReasons.LowContrast, Ramp(Contrast, 5, 40)),
        (QualityReasons.TooSmall, Ramp(Math.Log2(Side), Math.Log2(16), Math.Log2(112))),
        (QualityReasons.Pose, Ramp(-Turn, -0.75, -0.1)),
        (QualityReasons.PartlyOutside, Ramp(-Outside, -0.5, 0)),
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

    private static double Ramp(double value, double worst, double best) => 0.02 + (0.98 * Math.Clamp((value - worst) / (best - worst), 0, 1));
}

/// <summary>
/// Stage 4: how fit for recognition a face is, from its crop and its landmarks, without a model. Sharpness, brightness and
/// contrast are measured on the crop, that is at the resolution at which the embedding model will see the face.
/// </summary>
internal sealed class FaceAssessor(Models.QualityCalibration calibration)
{
    // A grade below this is a reason; a face that fails the caller's gate without one gets its worst grade as the reason.
    private const double Poor = 0.4;

    public FaceQuality Assess(Picture picture, Detection face, AlignedFace aligned)
    {
        var measures = Measure(picture, face, aligned);
        var grades = measures.Grades;
        Array.Sort(grades, (a, b) => a.Grade.CompareTo(b.Grade));
        return new(calibration.ToScore(measures.Raw), [.. grades.TakeWhile(grade => grade.Grade < Poor).Select(grade => grade.Reason)]);
    }

    /// <summary>The worst grade's reason, for a face that the caller's gate refuses though none of its grades is poor.</summary>
    public static string WorstReason(Picture picture, Detection face, AlignedFace aligned) =>
        Measure(picture, face, aligned).Grades.MinBy(grade => grade.Grade).Reason;

    public static FaceMeasures Measure(Picture picture, Detection face, AlignedFace aligned)
    {
        var (brightness, contrast, detail) = Light(aligned);
        return new(
            detail / (contrast + 4),
            brightness,
            contrast,
            face.ShortSide * picture.Reduction,
            Turn(face, aligned),
            1 - (Inside(face.X, face.Width, picture.Width) * Inside(face.Y, face.Height, picture.Height)));
    }

    /// <summary>Mean and deviation of the luma and the mean size of its Laplacian, from brow to chin and between the cheeks.</summary>
    private static (double Mean, double Deviation, double Detail) Light(AlignedFace aligned)
    {
        var luma = aligned.Luma;
        var side = aligned.Side;
        var (left, right, top, bottom) = (side / 5, side - (side / 5), side / 4, side - (side / 8));
        var (sum, squares, detail) = (0.0, 0.0, 0.0);
        for (var y = top; y < bottom; y++)
        {
            var row = luma.Slice((y - 1) * side, 3 * side);
            for (var x = left; x < right; x++)
            {
                var centre = row[side + x];
                sum += centre;
                squares += centre * centre;
                detail += Math.Abs((4 * centre) - row[x] - row[side + x - 1] - row[side + x + 1] - row[(2 * side) + x]);
            }
        }

        var count = (right - left) * (bottom - top);
        var mean = sum / count;
        return (mean, Math.Sqrt(Math.Max(0, (squares / count) - (mean * mean))), detail / count);
    }

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
