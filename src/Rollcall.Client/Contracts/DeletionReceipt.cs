using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>What a deletion removed. When it is answered, the vectors, the images and the index entries are gone.</summary>
public sealed record DeletionReceipt
{
    /// <summary>Always true: what is not there answers 404 instead.</summary>
    [AllowedValues(true)]
    public required bool Deleted { get; init; }

    /// <summary>References that stood, 0 or more.</summary>
    [Range(0, int.MaxValue)]
    public required int Faces { get; init; }

    /// <summary>References that had been superseded and were kept for an undo, 0 or more.</summary>
    [Range(0, int.MaxValue)]
    public int SupersededFaces { get; init; }

    /// <summary>Uploaded images of the person that had not been removed yet, 0 or more.</summary>
    [Range(0, int.MaxValue)]
    public int Uploads { get; init; }

    /// <summary>Images that the references had kept, 0 or more; there are none unless the collection keeps images.</summary>
    [Range(0, int.MaxValue)]
    public int Images { get; init; }

    /// <summary>Items of unfinished jobs that ended with <c>ERASED</c>, 0 or more.</summary>
    [Range(0, int.MaxValue)]
    public int EndedItems { get; init; }

    /// <summary>Whether the person is not to be enrolled again, as was asked for.</summary>
    public bool Suppressed { get; init; }

    /// <summary>When it was done.</summary>
    public required DateTimeOffset DeletedAt { get; init; }
}

/// <summary>What may be changed about a face.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record FaceChangeRequest
{
    /// <summary>A JSON object of at most 16 KB and 32 levels that takes the place of the face's metadata; null removes it.</summary>
    public required System.Text.Json.JsonElement? Metadata { get; init; }
}
