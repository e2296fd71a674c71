using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rollcall.Cli.Sources;

/// <summary>CompreFace's <c>GET /api/v1/recognition/faces</c>: a subject and the id of its image, which is the image's name in the folder.</summary>
internal sealed class CompreFaceExport(string path, string images) : ExportedFaces(path, images)
{
    protected override string List => "faces";

    protected override Photograph Read(JsonElement face, ImageNames names)
    {
        var (subject, image) = (Text(face, "subject"), Text(face, "image_id"));
        var metadata = new JsonObject { ["compreface_image_id"] = image, ["compreface_subject"] = subject };
        return Create(names, subject, metadata, image);
    }
}
