using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    /// <summary>Whether the face in an image is that of a person, by the best of the person's references; no is an answer and no error.</summary>
    /// <param name="collectionId">The collection that the person is in, <c>col_…</c>.</param>
    /// <param name="externalId">The person.</param>
    /// <param name="image">The image, at most 10 MB and 40 megapixels, at least 100×100 pixels.</param>
    /// <param name="options">How to compare; null for the server's way.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.FaceNotFound"/> when nobody is enrolled under the id; <see cref="ErrorCodes.FaceNotDetected"/>,
    /// <see cref="ErrorCodes.MultipleFaces"/>, <see cref="ErrorCodes.UnreadableImage"/>, <see cref="ErrorCodes.UnsupportedFormat"/>,
    /// <see cref="ErrorCodes.ImageTooLarge"/>, <see cref="ErrorCodes.ImageTooSmall"/>, <see cref="ErrorCodes.ModelMismatch"/>,
    /// <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>.
    /// </exception>
    public Task<VerifyResult> VerifyPersonAsync(
        string collectionId, string externalId, ImageFile image, VerifyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(externalId);
        return VerifyAsync(collectionId, "external_id", externalId, image, options, cancellationToken);
    }

    /// <summary>Whether the face in an image is that of one enrolled face; no is an answer and no error.</summary>
    /// <param name="collectionId">The collection that the face is in, <c>col_…</c>.</param>
    /// <param name="faceId">The enrolled face, <c>face_…</c>.</param>
    /// <param name="image">The image, at most 10 MB and 40 megapixels, at least 100×100 pixels.</param>
    /// <param name="options">How to compare; null for the server's way.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.FaceNotFound"/> when there is no such face; <see cref="ErrorCodes.FaceNotDetected"/>,
    /// <see cref="ErrorCodes.MultipleFaces"/>, <see cref="ErrorCodes.UnreadableImage"/>, <see cref="ErrorCodes.UnsupportedFormat"/>,
    /// <see cref="ErrorCodes.ImageTooLarge"/>, <see cref="ErrorCodes.ImageTooSmall"/>, <see cref="ErrorCodes.ModelMismatch"/>,
    /// <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>.
    /// </exception>
    public Task<VerifyResult> VerifyFaceAsync(
        string collectionId, string faceId, ImageFile image, VerifyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(faceId);
        return VerifyAsync(collectionId, "face_id", faceId, image, options, cancellationToken);
    }

    /// <summary>How alike the faces of two images are; nothing is looked up and nothing is kept.</summary>
    /// <param name="imageA">One image, at most 10 MB and 40 megapixels, at least 100×100 pixels.</param>
    /// <param name="imageB">The other image.</param>
    /// <param name="options">How to compare; null for the server's way.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.FaceNotDetected"/>, <see cref="ErrorCodes.MultipleFaces"/>, <see cref="ErrorCodes.UnreadableImage"/>,
    /// <see cref="ErrorCodes.UnsupportedFormat"/>, <see cref="ErrorCodes.ImageTooLarge"/>, <see cref="ErrorCodes.ImageTooSmall"/>; the details'
    /// <c>image</c> is <c>image_a</c> or <c>image_b</c>.
    /// </exception>
    public Task<CompareResult> CompareAsync(
        ImageFile imageA, ImageFile imageB, VerifyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(imageA);
        ArgumentNullException.ThrowIfNull(imageB);
        var form = PairForm(options);
        form.Add("image_a", imageA);
        form.Add("image_b", imageB);
        return AskAsync("compare", form, Json.ApiResponseCompareResult, cancellationToken);
    }

    /// <summary>Every face in an image; none is an answer and no error.</summary>
    /// <param name="image">The image, at most 10 MB and 40 megapixels, at least 100×100 pixels.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.UnreadableImage"/>, <see cref="ErrorCodes.UnsupportedFormat"/>, <see cref="ErrorCodes.ImageTooLarge"/>,
    /// <see cref="ErrorCodes.ImageTooSmall"/>.
    /// </exception>
    public Task<DetectResult> DetectAsync(ImageFile image, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        var form = new UploadForm();
        form.Add("image", image);
        return AskAsync("detect", form, Json.ApiResponseDetectResult, cancellationToken);
    }

    private Task<VerifyResult> VerifyAsync(
        string collectionId, string field, string id, ImageFile image, VerifyOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        var form = PairForm(options);
        form.Add(field, id);
        form.Add("image", image);
        return AskAsync($"{InCollection(collectionId)}/verify", form, Json.ApiResponseVerifyResult, cancellationToken);
    }

    private static UploadForm PairForm(VerifyOptions? options)
    {
        var form = new UploadForm();
        form.Add("threshold", options?.Threshold);
        form.Add("multiple_faces", options?.MultipleFaces);
        return form;
    }
}
