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

    /// <summary>All collections that the caller may see, newest first, asked for page by page as they are read.</summary>
    /// <param name="cancellationToken">Ends the list.</param>
    public IAsyncEnumerable<Collection> EnumerateCollectionsAsync(CancellationToken cancellationToken = default) => PagesAsync(
        cursor => "collections" + new Query().Page(WholePage, cursor),
        Json.ApiResponseCollectionList,
        page => (page.Collections, page.NextCursor),
        cancellationToken);

    /// <summary>A collection with its counts and settings.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>.
    /// </exception>
    public Task<Collection> GetCollectionAsync(string collectionId, CancellationToken cancellationToken = default) =>
        GetAsync(InCollection(collectionId), Json.ApiResponseCollection, cancellationToken);

    /// <summary>Changes a collection's name, description or settings; a job takes the settings over when it is accepted.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="change">What changes; null takes a description away and puts a setting back to its default.</param>
    /// <param name="cancellationToken">Ends the wait; the collection may be changed all the same.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>, <see cref="ErrorCodes.InsufficientScope"/>,
    /// <see cref="ErrorCodes.InvalidRequest"/>.
    /// </exception>
    public Task<Collection> ChangeCollectionAsync(string collectionId, CollectionPatch change, CancellationToken cancellationToken = default) =>
        PatchAsync(InCollection(collectionId), change, Json.CollectionPatch, Json.ApiResponseCollection, cancellationToken);

    /// <summary>Deletes a collection with all people in it. Its queued jobs end failed, its running ones done with their open items failed.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="cancellationToken">Ends the wait; the collection may be deleted all the same.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>, <see cref="ErrorCodes.InsufficientScope"/>.
    /// </exception>
    public Task<CollectionDeleted> DeleteCollectionAsync(string collectionId, CancellationToken cancellationToken = default) => ReadAsync(
        Request(HttpMethod.Delete, InCollection(collectionId), repeatable: true), Json.ApiResponseCollectionDeleted, cancellationToken);

    private static string InCollection(string collectionId) => $"collections/{Segment(collectionId, nameof(collectionId))}";
}
