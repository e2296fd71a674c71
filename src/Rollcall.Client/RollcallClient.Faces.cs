using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    /// <summary>A page of the faces of a collection, newest first.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="externalId">The person whose faces to list; null for everyone's.</param>
    /// <param name="limit">Faces on the page, 1 to 200; null for 50.</param>
    /// <param name="cursor">The page before's <see cref="FaceList.NextCursor"/>; null for the first page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>.
    /// </exception>
    public Task<FaceList> ListFacesAsync(
        string collectionId,
        string? externalId = null,
        int? limit = null,
        string? cursor = null,
        CancellationToken cancellationToken = default) =>
        GetAsync(Faces(collectionId, externalId, limit, cursor), Json.ApiResponseFaceList, cancellationToken);

    /// <summary>All faces of a collection, newest first, asked for page by page as they are read.</summary>
    /// <remarks>What is enrolled meanwhile is not in it, and what is deleted meanwhile may be.</remarks>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="externalId">The person whose faces to list; null for everyone's.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <exception cref="RollcallException">While it is read: as with <see cref="ListFacesAsync"/>.</exception>
    public IAsyncEnumerable<Face> EnumerateFacesAsync(
        string collectionId, string? externalId = null, CancellationToken cancellationToken = default) => PagesAsync(
        cursor => Faces(collectionId, externalId, WholePage, cursor),
        Json.ApiResponseFaceList,
        page => (page.Faces, page.NextCursor),
        cancellationToken);

    /// <summary>A face.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="faceId">The face, <c>face_…</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.FaceNotFound"/>, <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>.
    /// </exception>
    public Task<Face> GetFaceAsync(string collectionId, string faceId, CancellationToken cancellationToken = default) =>
        GetAsync(OneFace(collectionId, faceId), Json.ApiResponseFace, cancellationToken);

    /// <summary>Enrols one person now, by the same rules as an item of a batch.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="person">The person, with one image.</param>
    /// <param name="options">The gates; null for the collection's, with duplicates rejected.</param>
    /// <param name="cancellationToken">Ends the wait; the face may be enrolled all the same.</param>
    /// <returns>The face that now stands: the new one, or the existing one when nothing was to be made.</returns>
    /// <exception cref="ArgumentException">The external id is no Unicode text.</exception>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.DuplicateExternalId"/>, <see cref="ErrorCodes.TooManyReferences"/>, <see cref="ErrorCodes.IdentityMismatch"/>,
    /// <see cref="ErrorCodes.FaceNotDetected"/>, <see cref="ErrorCodes.MultipleFaces"/>, <see cref="ErrorCodes.FaceQualityTooLow"/>,
    /// <see cref="ErrorCodes.UnreadableImage"/>, <see cref="ErrorCodes.UnsupportedFormat"/>, <see cref="ErrorCodes.ImageTooLarge"/>,
    /// <see cref="ErrorCodes.ImageTooSmall"/>, <see cref="ErrorCodes.ModelMismatch"/>, <see cref="ErrorCodes.InvalidRequest"/>,
    /// <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>, <see cref="ErrorCodes.ServiceBusy"/>.
    /// </exception>
    public Task<Face> EnrolFaceAsync(string collectionId, BatchEntry person, EnrolOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(person);
        var form = new UploadForm();
        form.Add("external_id", person.ExternalId);
        form.Add("metadata", person.Metadata?.GetRawText());
        form.Add("on_duplicate", options?.OnDuplicate);
        form.Add("multiple_faces", options?.MultipleFaces);
        form.Add("min_quality", options?.MinQuality);
        form.Add("check_liveness", options?.CheckLiveness);
        form.Add("allow_identity_change", options?.AllowIdentityChange);
        form.Add("image", person.Image);
        return ReadAsync(Request(HttpMethod.Post, $"{InCollection(collectionId)}/faces", form.Content), Json.ApiResponseFace, cancellationToken);
    }

    /// <summary>Finds who the face in an image is; nobody is an answer without matches and no error.</summary>
    /// <param name="collectionId">The collection to search, <c>col_…</c>.</param>
    /// <param name="image">The image, at most 10 MB and 40 megapixels, at least 100×100 pixels.</param>
    /// <param name="options">How to search; null for the server's way.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.FaceNotDetected"/>, <see cref="ErrorCodes.MultipleFaces"/>, <see cref="ErrorCodes.UnreadableImage"/>,
    /// <see cref="ErrorCodes.UnsupportedFormat"/>, <see cref="ErrorCodes.ImageTooLarge"/>, <see cref="ErrorCodes.ImageTooSmall"/>,
    /// <see cref="ErrorCodes.ModelMismatch"/>, <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>.
    /// </exception>
    public Task<IdentifyResult> IdentifyAsync(
        string collectionId, ImageFile image, IdentifyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        var form = new UploadForm();
        form.Add("top_k", options?.TopK);
        form.Add("threshold", options?.Threshold);
        form.Add("multiple_faces", options?.MultipleFaces);
        form.Add("deduplicate", options?.Deduplicate);
        form.Add("return_metadata", options?.ReturnMetadata);
        form.Add("image", image);
        return AskAsync($"{InCollection(collectionId)}/identify", form, Json.ApiResponseIdentifyResult, cancellationToken);
    }

    private static string Faces(string collectionId, string? externalId, int? limit, string? cursor) =>
        $"{InCollection(collectionId)}/faces{new Query().Add("external_id", externalId).Page(limit, cursor)}";

    private static string OneFace(string collectionId, string faceId) => $"{InCollection(collectionId)}/faces/{Segment(faceId, nameof(faceId))}";
}
