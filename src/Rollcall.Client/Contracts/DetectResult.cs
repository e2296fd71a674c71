using System.ComponentModel.DataAnnotations;

namespace Rollcall.Client.Contracts;

/// <summary>Every face that counts in an image. None is a good answer too.</summary>
public sealed record DetectResult
{
    /// <summary>The faces, the largest first.</summary>
    public required IReadOnlyList<DetectedFace> Faces { get; init; }

    /// <summary>How many there are.</summary>
    [Range(0, int.MaxValue)]
    public required int FacesFound { get; init; }
}

/// <summary>A face in an image.</summary>
public sealed record DetectedFace
{
    /// <summary>Where it is.</summary>
    public required BoundingBox BoundingBox { get; init; }

    /// <summary>Where its eyes, nose and mouth are.</summary>
    public required DetectedLandmarks Landmarks { get; init; }

    /// <summary>How sure the detector is that it is a face, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public required double DetectionScore { get; init; }

    /// <summary>How fit it is for recognition, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public required double QualityScore { get; init; }

    /// <summary>What is poor about it, worst first, in the words of <see cref="ErrorCodes.FaceQualityTooLow"/>; empty when nothing is.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }
}

/// <summary>The five landmarks of a face. Left and right are the image's, not the person's.</summary>
public sealed record DetectedLandmarks
{
    /// <summary>The eye on the image's left.</summary>
    public required ImagePoint LeftEye { get; init; }

    /// <summary>The eye on the image's right.</summary>
    public required ImagePoint RightEye { get; init; }

    /// <summary>The tip of the nose.</summary>
    public required ImagePoint Nose { get; init; }

    /// <summary>The corner of the mouth on the image's left.</summary>
    public required ImagePoint LeftMouth { get; init; }

    /// <summary>The corner of the mouth on the image's right.</summary>
    public required ImagePoint RightMouth { get; init; }
}

/// <summary>A point as fractions of the upright image's width and height; slightly outside 0 to 1 where a face leaves the image.</summary>
public sealed record ImagePoint
{
    /// <summary>From the left edge.</summary>
    public required double X { get; init; }

    /// <summary>From the top edge.</summary>
    public required double Y { get; init; }
}
