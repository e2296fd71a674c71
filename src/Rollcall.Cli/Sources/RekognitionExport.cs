using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rollcall.Cli.Sources;

/// <summary>
/// Amazon Rekognition's <c>ListFaces</c>. A person is the user that the face is associated with, else its external image id without a picture's
/// extension; the photograph is called like the external image id, the image id or the face id.
/// </summary>
internal sealed class RekognitionExport(string path, string images) : ExportedFaces(path, images)
{
    protected override string List => "Faces";

    protected override Photograph Read(JsonElement face, ImageNames names)
    {
        var (faceId, imageId) = (Text(face, "FaceId"), Text(face, "ImageId"));
        var (external, user) = (Text(face, "ExternalImageId"), Text(face, "UserId"));
        var metadata = new JsonObject { ["rekognition_face_id"] = faceId };
        if (imageId is not null) metadata["rekognition_image_id"] = imageId;
        if (external is not null) metadata["rekognition_external_image_id"] = external;
        if (user is not null) metadata["rekognition_user_id"] = user;
        return Create(names, user ?? Person(external), metadata, external, imageId, faceId);
    }

    private static string? Person(string? external) =>
        external is not null && PictureNames.IsPicture(Path.GetExtension(external)) ? Path.GetFileNameWithoutExtension(external) : external;
}
