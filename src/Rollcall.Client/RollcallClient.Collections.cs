using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    /// <summary>Creates a collection.</summary>
    /// <param name="collection">Its name, and what differs from the defaults.</param>
    /// <param name="cancellationToken">Ends the wait; the collection may be created all the same.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.AlreadyExists"/>, <see cref="ErrorCodes.InsufficientScope"/>, <see cref="ErrorCodes.InvalidRequest"/>.
    /// </exception>
    public Task<Collection> CreateCollectionAsync(CreateCollection collection, CancellationToken cancellationToken = default) =>
        PostAsync("collections", collection, Json.CreateCollection, Json.ApiResponseCollection, cancellationToken);

    /// <summary>A page of the collections that the caller may see, newest first.</summary>
    /// <param name="limit">Collections on the page, 1 to 200; null for 50.</param>
    /// <param name="cursor">The page before's <see cref="CollectionList.NextCursor"/>; null for the first page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.InvalidRequest"/>.</exception>
    public Task<CollectionList> ListCollectionsAsync(
        int? limit = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync("collections" + new Query().Page(limit, cursor), Json.ApiResponseCollectionList, cancellationToken);

    /// <summary>A collection with its counts and settings.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>.
    /// </exception>
    public Task<Collection> GetCollectionAsync(string collectionId, CancellationToken cancellationToken = default) =>
        GetAsync(InCollection(collectionId), Json.ApiResponseCollection, cancellationToken);

    private static string InCollection(string collectionId) => $"collections/{Segment(collectionId, nameof(collectionId))}";
}
