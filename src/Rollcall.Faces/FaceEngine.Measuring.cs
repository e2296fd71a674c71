namespace Rollcall.Faces;

public sealed partial class FaceEngine
{
    /// <summary>What the measuring commands need to see of a face beyond its analysis.</summary>
    internal sealed record Examination(Detection Detection, FaceMeasures Measures, double Score, float[] Embedding);

    /// <summary>
    /// The face nearest to the picture's centre, or the largest, whatever its quality; null where there is none. In LFW the
    /// person whom a file is named after is the centred face, and a bystander's may be the largest.
    /// </summary>
    internal Examination? Examine(ReadOnlyMemory<byte> encoded, bool largest = false)
    {
        using var picture = ImageDecoder.Decode(encoded, out _);
        if (picture is null || Counting(picture).MinBy(face => largest ? -face.Area : FromCentre(face, picture)) is not { } face)
            return null;
        using var aligned = _aligner.Align(picture, face);
        var measures = _assessor.Measure(picture, face, aligned);
        return new(face, measures, Pack.Quality.ToScore(measures.Raw), _embedder.Embed(aligned));
    }

    /// <summary>The liveness score of the same face; null where there is no face.</summary>
    internal double? LivenessOf(ReadOnlyMemory<byte> encoded, bool largest = false)
    {
        using var picture = ImageDecoder.Decode(encoded, out _);
        return picture is not null && Counting(picture).MinBy(face => largest ? -face.Area : FromCentre(face, picture)) is { } face
            ? _liveness!.Score(picture, face)
            : null;
    }

    private static double FromCentre(Detection face, Picture picture) =>
        Math.Abs(face.X + (face.Width / 2) - (picture.Width / 2.0)) + Math.Abs(face.Y + (face.Height / 2) - (picture.Height / 2.0));
}
