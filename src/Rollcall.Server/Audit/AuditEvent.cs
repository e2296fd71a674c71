using System.Text.Json.Nodes;

namespace Rollcall.Server.Audit;

/// <summary>An act as whoever carries it out tells of it. Details are small and about nobody: no name, address, external id, image or vector.</summary>
internal sealed record AuditEvent(string Action)
{
    public string? TargetKind { get; private init; }

    public string? TargetId { get; private init; }

    public string? CollectionId { get; private init; }

    /// <summary>The person that it is about; only its HMAC is written.</summary>
    public string? ExternalId { get; private init; }

    public JsonObject? Details { get; init; }

    public static AuditEvent OfOrganization(string action, string id) => new(action) { TargetKind = "organization", TargetId = id };

    public static AuditEvent OfUser(string action, string id) => new(action) { TargetKind = "user", TargetId = id };

    public static AuditEvent OfInvitation(string action, string id) => new(action) { TargetKind = "invitation", TargetId = id };

    public static AuditEvent OfKey(string action, string id) => new(action) { TargetKind = "key", TargetId = id };

    public static AuditEvent OfCollection(string action, string id) => new(action) { TargetKind = "collection", TargetId = id, CollectionId = id };

    public static AuditEvent OfBatch(string action, string id, string collectionId) => new(action) { TargetKind = "batch", TargetId = id, CollectionId = collectionId };

    /// <summary>Without a face it is about the person alone, without both about whoever was looked for.</summary>
    public static AuditEvent OfFace(string action, string collectionId, string? faceId, string? externalId) => new(action)
    {
        TargetKind = faceId is null ? null : "face",
        TargetId = faceId,
        CollectionId = collectionId,
        ExternalId = externalId,
    };
}
