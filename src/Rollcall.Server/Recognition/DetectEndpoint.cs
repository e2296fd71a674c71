using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Recognition;

/// <summary>Every face of a picture; nobody is an answer too.</summary>
internal static class DetectEndpoint
{
    public static MultipartForm Form { get; } = new([ProbeFields.Image]);

    public static async Task<Results<Ok<ApiResponse<DetectResult>>, Problem>> DetectAsync(HttpContext http, Caller caller, ProbeEngine probes, CancellationToken ct)
    {
        if ((await probes.SurveyAsync(http.Request, caller.OrganizationId, Form, ct)).IsRefused(out var problem, out var survey)) return problem;
        return Envelope.Ok(new DetectResult { Faces = [.. survey!.Faces.Select(ToContract)], FacesFound = survey.Faces.Count });
    }

    private static DetectedFace ToContract(AssessedFace face) => new()
    {
        BoundingBox = Boxes.ToContract(face.Box.X, face.Box.Y, face.Box.Width, face.Box.Height),
        Landmarks = new DetectedLandmarks
        {
            LeftEye = ToContract(face.Landmarks.LeftEye),
            RightEye = ToContract(face.Landmarks.RightEye),
            Nose = ToContract(face.Landmarks.Nose),
            LeftMouth = ToContract(face.Landmarks.LeftMouth),
            RightMouth = ToContract(face.Landmarks.RightMouth),
        },
        DetectionScore = Math.Round(face.DetectionScore, 4),
        QualityScore = Math.Round(face.Quality.Score, 4),
        Reasons = face.Quality.Reasons,
    };

    private static ImagePoint ToContract(FacePoint point) => new() { X = Math.Round(point.X, 5), Y = Math.Round(point.Y, 5) };
}
