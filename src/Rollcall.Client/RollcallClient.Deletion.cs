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
    public Task<Face> ChangeFaceAsync(string collectionId, string faceId, FaceChangeRequest change, CancellationToken cancellationToken = default) =>
        PatchAsync(OneFace(collectionId, faceId), change, Json.FaceChangeRequest, Json.ApiResponseFace, cancellationToken);

    /// <summary>Deletes one reference of a person. When it returns, the vector and the index entry are gone.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="faceId">The face, <c>face_…</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.FaceNotFound"/>.</exception>
    public Task<DeletionReceipt> DeleteFaceAsync(string collectionId, string faceId, CancellationToken cancellationToken = default) => ReadAsync(
        Request(HttpMethod.Delete, OneFace(collectionId, faceId), repeatable: true), Json.ApiResponseDeletionReceipt, cancellationToken);

    /// <summary>
    /// Erases a person: references, superseded ones too, uploads, and what job results remember; open items end with
    /// <see cref="ErrorCodes.Erased"/>.
    /// </summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="externalId">The person, 1 to 255 characters, exactly as enrolled.</param>
    /// <param name="suppress">
    /// Whether the person is not to be enrolled again: items and single enrolments fail with <see cref="ErrorCodes.Suppressed"/> until
    /// <see cref="LiftSuppressionAsync"/>. The person need not be known then.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.FaceNotFound"/>, <see cref="ErrorCodes.CollectionNotFound"/>.</exception>
    public Task<DeletionReceipt> ErasePersonAsync(
        string collectionId, string externalId, bool suppress = false, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(externalId);
        var route = $"{InCollection(collectionId)}/faces{new Query().Add("external_id", externalId).Add("suppress", suppress ? "true" : null)}";

        // Whoever is not suppressed may have been enrolled anew before a second request arrives.
        return ReadAsync(Request(HttpMethod.Delete, route, repeatable: suppress), Json.ApiResponseDeletionReceipt, cancellationToken);
    }

    /// <summary>How many people of a collection are not to be enrolled; who they are is not kept.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="externalId">A person, to ask whether it is one of them: 1 or 0. Null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.InsufficientScope"/>.</exception>
    public Task<SuppressionCount> CountSuppressionsAsync(string collectionId, string? externalId = null, CancellationToken cancellationToken = default) =>
        GetAsync(
            $"{InCollection(collectionId)}/suppressions{new Query().Add("external_id", externalId)}", Json.ApiResponseSuppressionCount, cancellationToken);

    /// <summary>Lets a person be enrolled again. It brings nothing back of what was erased.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="externalId">The person, exactly as when they were suppressed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.NotFound"/> when the person is not suppressed, <see cref="ErrorCodes.CollectionNotFound"/>,
    /// <see cref="ErrorCodes.InsufficientScope"/>.
    /// </exception>
    public Task LiftSuppressionAsync(string collectionId, string externalId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(externalId);
        return RunAsync(
            Request(HttpMethod.Delete, $"{InCollection(collectionId)}/suppressions{new Query().Add("external_id", externalId)}"), cancellationToken);
    }

    /// <summary>
    /// Deletes an organization with all that it holds, for its owners alone. Its keys and memberships end at once, and accounts that belong to no
    /// other organization go too, the caller's own included.
    /// </summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="name">The organization's name, exactly, so that the wrong one is not deleted.</param>
    /// <param name="cancellationToken">Ends the wait; the organization may be deleted all the same.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.InsufficientScope"/>, <see cref="ErrorCodes.NotFound"/>; <see cref="ErrorCodes.InvalidRequest"/> when the name is another.
    /// </exception>
    public Task<OrganizationDeleted> DeleteOrganizationAsync(string organizationId, string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return ReadAsync(
            Request(HttpMethod.Delete, $"organizations/{Segment(organizationId, nameof(organizationId))}{new Query().Add("confirm", name)}"),
            Json.ApiResponseOrganizationDeleted,
            cancellationToken);
    }
}
