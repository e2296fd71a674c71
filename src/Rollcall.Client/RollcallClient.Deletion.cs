using System.Net.Http.Json;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    /// <summary>Replaces the metadata of a face.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="faceId">The face, <c>face_…</c>.</param>
    /// <param name="change">What to change.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.FaceNotFound"/>, <see cref="ErrorCodes.InvalidRequest"/>.</exception>
    public Task<Face> ChangeFaceAsync(string collectionId, string faceId, FaceChangeRequest change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var request = new HttpRequestMessage(HttpMethod.Patch, Address($"{InCollection(collectionId)}/faces/{Segment(faceId, nameof(faceId))}"))
        {
            Content = JsonContent.Create(change, Json.FaceChangeRequest),
        };
        return ReadAsync(request, Json.ApiResponseFace, cancellationToken);
    }

    /// <summary>Deletes one reference of a person. When it returns, the vector and the index entry are gone.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="faceId">The face, <c>face_…</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.FaceNotFound"/>.</exception>
    public Task<DeletionReceipt> DeleteFaceAsync(string collectionId, string faceId, CancellationToken cancellationToken = default) => ReadAsync(
        new HttpRequestMessage(HttpMethod.Delete, Address($"{InCollection(collectionId)}/faces/{Segment(faceId, nameof(faceId))}")),
        Json.ApiResponseDeletionReceipt,
        cancellationToken);

    /// <summary>
    /// Erases a person: references, superseded ones too, uploads, and what job results remember; open items end with
    /// <see cref="ErrorCodes.Erased"/>.
    /// </summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="externalId">The person, 1 to 255 characters, exactly as enrolled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.FaceNotFound"/>, <see cref="ErrorCodes.CollectionNotFound"/>.</exception>
    public Task<DeletionReceipt> ErasePersonAsync(string collectionId, string externalId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(externalId);
        return ReadAsync(
            new HttpRequestMessage(HttpMethod.Delete, Address($"{InCollection(collectionId)}/faces?external_id={Uri.EscapeDataString(externalId)}")),
            Json.ApiResponseDeletionReceipt,
            cancellationToken);
    }
}
