namespace Rollcall.Client.Contracts;

/// <summary>Every value of <see cref="ApiError.Code"/>, and the HTTP status that goes with it.</summary>
public static class ErrorCodes
{
    // 400
    /// <summary>A parameter, header or body is missing, malformed or not supported by this build.</summary>
    public const string InvalidRequest = "INVALID_REQUEST";

    /// <summary>The images, external ids and metadata of a batch are not as many as each other.</summary>
    public const string CountMismatch = "COUNT_MISMATCH";

    /// <summary>A batch has more than 100 images.</summary>
    public const string TooManyImages = "TOO_MANY_IMAGES";

    /// <summary>A batch has no image.</summary>
    public const string NoImages = "NO_IMAGES";

    // 401
    /// <summary>Neither an API key nor a bearer token came with the request.</summary>
    public const string MissingCredentials = "MISSING_CREDENTIALS";

    /// <summary>The API key is unknown, revoked or expired.</summary>
    public const string InvalidApiKey = "INVALID_API_KEY";

    /// <summary>The email address and the password do not belong together.</summary>
    public const string InvalidCredentials = "INVALID_CREDENTIALS";

    /// <summary>The token was good and is not any more: refresh it, or log in again.</summary>
    public const string TokenExpired = "TOKEN_EXPIRED";

    /// <summary>The token is not one that this server issued or trusts, or it was revoked.</summary>
    public const string TokenInvalid = "TOKEN_INVALID";

    // 403
    /// <summary>The credential lacks the scope or the role for this route.</summary>
    public const string InsufficientScope = "INSUFFICIENT_SCOPE";

    /// <summary>The API key is confined to other collections.</summary>
    public const string CollectionNotAllowed = "COLLECTION_NOT_ALLOWED";

    /// <summary>The API key is confined to other addresses.</summary>
    public const string IpNotAllowed = "IP_NOT_ALLOWED";

    // 404
    /// <summary>There is no such thing, or it is another organization's.</summary>
    public const string NotFound = "NOT_FOUND";

    /// <summary>There is no such collection, or it is another organization's.</summary>
    public const string CollectionNotFound = "COLLECTION_NOT_FOUND";

    /// <summary>There is no such face, or it is another organization's.</summary>
    public const string FaceNotFound = "FACE_NOT_FOUND";

    /// <summary>There is no such job, it is another organization's, or its seven days are over.</summary>
    public const string BatchJobNotFound = "BATCH_JOB_NOT_FOUND";

    // 409
    /// <summary>The external id is enrolled already and the request said to reject duplicates.</summary>
    public const string DuplicateExternalId = "DUPLICATE_EXTERNAL_ID";

    /// <summary>Something of this name or address exists already.</summary>
    public const string AlreadyExists = "ALREADY_EXISTS";

    /// <summary>The first request of this Idempotency-Key is still being received.</summary>
    public const string IdempotencyKeyInUse = "IDEMPOTENCY_KEY_IN_USE";

    /// <summary>The job must be done or failed first.</summary>
    public const string JobNotFinished = "JOB_NOT_FINISHED";

    /// <summary>No failed item of the job still owns its upload.</summary>
    public const string NothingToRetry = "NOTHING_TO_RETRY";

    /// <summary>The person has 100 references already.</summary>
    public const string TooManyReferences = "TOO_MANY_REFERENCES";

    /// <summary>The collection's vectors come from another model than the server's.</summary>
    public const string ModelMismatch = "MODEL_MISMATCH";

    // 413
    /// <summary>The body, or its text parts together, are over the limit.</summary>
    public const string PayloadTooLarge = "PAYLOAD_TOO_LARGE";

    // 415
    /// <summary>The body is of a content type that the route does not read.</summary>
    public const string UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE";

    // 422
    /// <summary>No face counts in the image.</summary>
    public const string FaceNotDetected = "FACE_NOT_DETECTED";

    /// <summary>Two or more faces count and the request said to reject that, or none of them could be told to be the person's.</summary>
    public const string MultipleFaces = "MULTIPLE_FACES";

    /// <summary>The face is poorer than the gate; details name the reasons.</summary>
    public const string FaceQualityTooLow = "FACE_QUALITY_TOO_LOW";

    /// <summary>The face looks like a picture of a picture; details have its score and the threshold.</summary>
    public const string LivenessCheckFailed = "LIVENESS_CHECK_FAILED";

    /// <summary>The file is of a good format but does not decode whole.</summary>
    public const string UnreadableImage = "UNREADABLE_IMAGE";

    /// <summary>The file is no JPEG, PNG or WebP image.</summary>
    public const string UnsupportedFormat = "UNSUPPORTED_FORMAT";

    /// <summary>The file is over 10 MB or 40 megapixels.</summary>
    public const string ImageTooLarge = "IMAGE_TOO_LARGE";

    /// <summary>The image is under 100×100 pixels.</summary>
    public const string ImageTooSmall = "IMAGE_TOO_SMALL";

    /// <summary>The face is too unlike the person's existing references; details give the similarity.</summary>
    public const string IdentityMismatch = "IDENTITY_MISMATCH";

    /// <summary>The Idempotency-Key was used for a request with other content.</summary>
    public const string IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED";

    // 429
    /// <summary>Too many requests; Retry-After says when to come back.</summary>
    public const string RateLimitExceeded = "RATE_LIMIT_EXCEEDED";

    /// <summary>The organization has used up what it may store or do.</summary>
    public const string QuotaExceeded = "QUOTA_EXCEEDED";

    // 503
    /// <summary>The server cannot take the request now; Retry-After says when to come back.</summary>
    public const string ServiceBusy = "SERVICE_BUSY";

    // Only in items
    /// <summary>The job was cancelled before the item was done.</summary>
    public const string Cancelled = "CANCELLED";

    /// <summary>The item failed again and again for a reason that is not the image's.</summary>
    public const string ProcessingError = "PROCESSING_ERROR";

    /// <summary>The person is on the list of those not to be enrolled. A single enrolment answers it too, with 409.</summary>
    public const string Suppressed = "SUPPRESSED";

    /// <summary>The person was erased while the item was open.</summary>
    public const string Erased = "ERASED";

    /// <summary>The HTTP status of an error answer with this code; null for a code of items only, and for an unknown one.</summary>
    /// <param name="code">One of the constants of this class.</param>
    public static int? StatusOf(string code) => code switch
    {
        InvalidRequest or CountMismatch or TooManyImages or NoImages => 400,
        MissingCredentials or InvalidApiKey or InvalidCredentials or TokenExpired or TokenInvalid => 401,
        InsufficientScope or CollectionNotAllowed or IpNotAllowed => 403,
        NotFound or CollectionNotFound or FaceNotFound or BatchJobNotFound => 404,
        DuplicateExternalId or AlreadyExists or IdempotencyKeyInUse or JobNotFinished or NothingToRetry
            or TooManyReferences or ModelMismatch or Suppressed => 409,
        PayloadTooLarge => 413,
        UnsupportedMediaType => 415,
        FaceNotDetected or MultipleFaces or FaceQualityTooLow or LivenessCheckFailed or UnreadableImage
            or UnsupportedFormat or ImageTooLarge or ImageTooSmall or IdentityMismatch or IdempotencyKeyReused => 422,
        RateLimitExceeded or QuotaExceeded => 429,
        ServiceBusy => 503,
        _ => null,
    };
}
