namespace Rollcall.Faces;

/// <summary>A face that counts, and how good it is.</summary>
/// <param name="Box">Where it is.</param>
/// <param name="Landmarks">Its five landmarks.</param>
/// <param name="DetectionScore">The detector's score, from the pack's threshold to 1.</param>
/// <param name="Quality">How fit for recognition it is.</param>
public sealed record AssessedFace(FaceBox Box, FaceLandmarks Landmarks, double DetectionScore, FaceQuality Quality);

/// <summary>A box in fractions (0..1) of the upright picture, clamped into it; the origin is the top left corner.</summary>
/// <param name="X">The left side, 0..1 of the picture's width.</param>
/// <param name="Y">The top side, 0..1 of the picture's height.</param>
/// <param name="Width">0..1 of the picture's width.</param>
/// <param name="Height">0..1 of the picture's height.</param>
public readonly record struct FaceBox(double X, double Y, double Width, double Height);

/// <summary>A point in fractions of the upright picture; slightly outside 0..1 where a face leaves the picture.</summary>
/// <param name="X">Fraction of the picture's width.</param>
/// <param name="Y">Fraction of the picture's height.</param>
public readonly record struct FacePoint(double X, double Y);

/// <summary>The five landmarks. Left and right are the picture's, not the person's.</summary>
/// <param name="LeftEye">The eye on the picture's left.</param>
/// <param name="RightEye">The eye on the picture's right.</param>
/// <param name="Nose">The tip of the nose.</param>
/// <param name="LeftMouth">The corner of the mouth on the picture's left.</param>
/// <param name="RightMouth">The corner of the mouth on the picture's right.</param>
public readonly record struct FaceLandmarks(
    FacePoint LeftEye, FacePoint RightEye, FacePoint Nose, FacePoint LeftMouth, FacePoint RightMouth);

/// <summary>How fit for recognition a face is.</summary>
/// <param name="Score">0..1, scaled for the pack: 1 % of the faces of LFW lie below 0.4, half of them below 0.8.</param>
/// <param name="Reasons">What is poor about it, of <see cref="QualityReasons"/>, worst first; empty when nothing is.</param>
public sealed record FaceQuality(double Score, IReadOnlyList<string> Reasons);

/// <summary>The words for what makes a face poor, as the HTTP contract spells them.</summary>
public static class QualityReasons
{
    /// <summary>Out of focus or shaken.</summary>
    public const string Blur = "blur";

    /// <summary>The face is underexposed.</summary>
    public const string TooDark = "too_dark";

    /// <summary>The face is overexposed.</summary>
    public const string TooBright = "too_bright";

    /// <summary>The face has hardly any light and shade.</summary>
    public const string LowContrast = "low_contrast";

    /// <summary>The face has too few pixels.</summary>
    public const string TooSmall = "too_small";

    /// <summary>The face is turned away, up, down or on its side.</summary>
    public const string Pose = "pose";

    /// <summary>A part of the face lies outside the picture.</summary>
    public const string PartlyOutside = "partly_outside";

    /// <summary>Blurred, noisy or covered, as a pack's quality model judges it.</summary>
    public const string Unclear = "unclear";
}
