using System.Diagnostics;
using System.Text.Json.Nodes;
using Rollcall.Client.Contracts;
using Rollcall.Faces;

namespace Rollcall.Server.Hosting;

/// <summary>What the engine says against a picture, in the contract's words; the same for an item of a job and for a single request.</summary>
internal static class FaceProblems
{
    /// <summary>What may be wrong with a file, whatever is to be found in it.</summary>
    public static IReadOnlyList<string> OfFiles { get; } = [ErrorCodes.UnsupportedFormat, ErrorCodes.UnreadableImage, ErrorCodes.ImageTooLarge, ErrorCodes.ImageTooSmall];

    /// <summary>What may be wrong with a photograph in which one face is looked for.</summary>
    public static IReadOnlyList<string> OfOneFace { get; } = [.. OfFiles, ErrorCodes.FaceNotDetected, ErrorCodes.MultipleFaces];

    public static Problem Of(FaceAnalysis analysis) => analysis switch
    {
        FaceAnalysis.NoFace => new Problem(ErrorCodes.FaceNotDetected, MessageOf(ErrorCodes.FaceNotDetected)),
        FaceAnalysis.ManyFaces many => new Problem(ErrorCodes.MultipleFaces, MessageOf(many.Cause))
        {
            Details = new JsonObject { ["faces_found"] = many.FacesFound },
        },
        FaceAnalysis.TooPoor poor => new Problem(ErrorCodes.FaceQualityTooLow, MessageOf(ErrorCodes.FaceQualityTooLow))
        {
            Details = new JsonObject
            {
                ["reasons"] = new JsonArray([.. poor.Face.Quality.Reasons.Select(reason => JsonValue.Create(reason))]),
                ["quality_score"] = Math.Round(poor.Face.Quality.Score, 4),
            },
        },
        FaceAnalysis.NotLive notLive => new Problem(ErrorCodes.LivenessCheckFailed, "The face looks like a picture of a picture, of a print or a screen: take the photograph of the person.")
        {
            Details = new JsonObject { ["liveness_score"] = notLive.Score, ["threshold"] = notLive.Threshold },
        },
        FaceAnalysis.Unreadable unreadable => new Problem(CodeOf(unreadable.Cause), unreadable.Message),
        _ => throw new UnreachableException(),
    };

    public static Problem Of(FaceSurvey.Unreadable unreadable) => new(CodeOf(unreadable.Cause), unreadable.Message);

    public static string MessageOf(string code) => code switch
    {
        ErrorCodes.FaceNotDetected => "No face was found. Send a photograph that shows the face upright and at least 24 pixels wide.",
        ErrorCodes.FaceQualityTooLow => "The face is of too poor a quality for the gate min_quality; the reasons say what to mend.",
        ErrorCodes.ImageTooLarge => "The image is larger than 10 MB.",
        _ => "The image cannot be used.",
    };

    private static string MessageOf(ManyFacesCause cause) => cause switch
    {
        ManyFacesCause.Refused => "More than one face was found. Crop the photograph to one person, or send multiple_faces=largest.",
        ManyFacesCause.NobodyKnown =>
            "More than one face was found, and no reference of the person stood before to choose one of them by. Enrol a photograph of the person alone first, or crop this one.",
        ManyFacesCause.TooMany => $"More than {FaceEngine.MostToChooseFrom} faces were found, which is more than are looked through for the person's. Crop the photograph.",
        _ => throw new UnreachableException(),
    };

    private static string CodeOf(UnreadableCause cause) => cause switch
    {
        UnreadableCause.UnsupportedFormat => ErrorCodes.UnsupportedFormat,
        UnreadableCause.ImageTooLarge => ErrorCodes.ImageTooLarge,
        UnreadableCause.ImageTooSmall => ErrorCodes.ImageTooSmall,
        UnreadableCause.Corrupt => ErrorCodes.UnreadableImage,
        _ => throw new UnreachableException(),
    };
}
