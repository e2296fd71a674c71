namespace Rollcall.Server.Audit;

/// <summary>What an entry says was done. The names are a part of the log's contract: one that was written once is never given to anything else.</summary>
internal static class AuditActions
{
    public const string OrganizationCreated = "organization.created";

    public const string LoggedIn = "account.login";
    public const string LoginFailed = "account.login_failed";
    public const string RefreshReused = "account.refresh_reused";
    public const string LoggedOut = "account.logout";

    public const string MemberAdded = "member.added";
    public const string MemberJoined = "member.joined";
    public const string MemberChanged = "member.changed";
    public const string MemberRemoved = "member.removed";
    public const string MemberLeft = "member.left";
    public const string InvitationCreated = "invitation.created";
    public const string InvitationWithdrawn = "invitation.withdrawn";

    public const string KeyCreated = "key.created";
    public const string KeyRevoked = "key.revoked";

    public const string CollectionCreated = "collection.created";
    public const string CollectionChanged = "collection.changed";
    public const string CollectionDeleted = "collection.deleted";

    public const string BatchSubmitted = "batch.submitted";
    public const string BatchRetried = "batch.retried";
    public const string BatchCancelled = "batch.cancelled";
    public const string BatchUndone = "batch.undone";
    public const string BatchDeleted = "batch.deleted";
    public const string BatchExpired = "batch.expired";

    public const string FaceEnrolled = "face.enrolled";
    public const string FaceReplaced = "face.replaced";

    /// <summary>The very same image was sent again, and others of the person gave way to it, or it stands again.</summary>
    public const string FaceConfirmed = "face.confirmed";

    public const string FaceChanged = "face.changed";
    public const string FaceDeleted = "face.deleted";
    public const string FaceRestored = "face.restored";
    public const string FaceExpired = "face.expired";
    public const string PersonErased = "person.erased";
    public const string SuppressionLifted = "suppression.lifted";

    public const string FaceIdentified = "face.identified";
    public const string FaceVerified = "face.verified";

    /// <summary>All of them, for the filter to refuse what could find nothing.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        OrganizationCreated, LoggedIn, LoginFailed, RefreshReused, LoggedOut, MemberAdded, MemberJoined, MemberChanged, MemberRemoved, MemberLeft,
        InvitationCreated, InvitationWithdrawn, KeyCreated, KeyRevoked, CollectionCreated, CollectionChanged, CollectionDeleted, BatchSubmitted,
        BatchRetried, BatchCancelled, BatchUndone, BatchDeleted, BatchExpired, FaceEnrolled, FaceReplaced, FaceConfirmed, FaceChanged, FaceDeleted,
        FaceRestored, FaceExpired, PersonErased, SuppressionLifted, FaceIdentified, FaceVerified,
    ];
}
