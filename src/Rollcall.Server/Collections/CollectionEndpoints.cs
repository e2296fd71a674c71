using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Collections;

internal static class CollectionEndpoints
{
    private const int LongestName = 200;
    private const int LongestDescription = 2000;

    public static void MapCollections(this IEndpointRouteBuilder api)
    {
        foreach (var (path, id) in new[] { ("/collections", ""), ("/organizations/{org_id}/collections", "InOrganization") })
        {
            var collections = api.MapGroup(path).WithTags("Collections");
            collections.MapPost("", CreateAsync).RequireRight(Right.ManageCollections).Describe("createCollection" + id, "Create a collection")
                .Answers(StatusCodes.Status201Created, "The collection.", AnswerHeader.Location("the collection")).Refuses(ErrorCodes.CollectionNotAllowed);
            collections.MapGet("", ListAsync).RequireRight(Right.ReadCollections).Describe("listCollections" + id, "List collections")
                .Takes(Page.Parameters).Answers(StatusCodes.Status200OK, "A page of collections.");

            var one = collections.MapGroup("/{collection_id}").Refuses(ErrorCodes.CollectionNotFound);
            one.MapGet("", GetAsync).RequireRight(Right.ReadCollections).Describe("getCollection" + id, "Read a collection")
                .Answers(StatusCodes.Status200OK, "The collection.");
            one.MapPatch("", ChangeAsync).RequireRight(Right.ManageCollections)
                .Describe("changeCollection" + id, "Change a collection", "What is absent stays. Null takes the description away or puts a setting back to its default.")
                .Answers(StatusCodes.Status200OK, "The collection as it is now.");
            one.MapDelete("", DeleteAsync).RequireRight(Right.ManageCollections)
                .Describe("deleteCollection" + id, "Delete a collection with all that it holds", "Vectors, people and images are gone when it answers; nothing brings them back.")
                .Answers(StatusCodes.Status200OK, "What was there.");
        }
    }

    private static async Task<Results<Created<ApiResponse<Collection>>, Problem>> CreateAsync(
        CreateCollection request, Caller caller, CollectionStore store, FaceModels models, CancellationToken ct)
    {
        if (caller.Collections is not null) return Confinement.NotAllowed(); // it could not even read what it made
        if (Wrong(request.Name, request.Description) is { } wrong) return wrong;
        if (Settings.Apply(Settings.Default, request.Settings, models.Engine).IsRefused(out var problem, out var settings)) return problem;

        var collection = await store.CreateAsync(caller.OrganizationId, request.Name, request.Description, settings!, ct);
        return Envelope.Created($"/api/v1/collections/{collection.Id}", collection);
    }

    private static async Task<Results<Ok<ApiResponse<Collection>>, Problem>> ChangeAsync(
        [FromRoute(Name = "collection_id")] string collectionId, CollectionPatch request, Caller caller, CollectionStore store, KeptImages images, FaceModels models, CancellationToken ct)
    {
        if (request.Settings is { IsSet: true, Value: null }) return Problem.Invalid("settings is an object; name the settings that go back to their defaults.");
        var changed = await store.ChangeAsync(
            caller.OrganizationId,
            collectionId,
            now =>
            {
                var next = now with
                {
                    Name = request.Name.IsSet ? request.Name.Value! : now.Name,
                    Description = request.Description.IsSet ? request.Description.Value : now.Description,
                };
                if (Wrong(next.Name, next.Description) is { } wrong) return wrong;
                var patch = request.Settings.Value ?? new CollectionSettingsPatch();
                if (Settings.Apply(now.Settings, patch, models.Engine).IsRefused(out var problem, out var settings)) return problem;
                return next with { Settings = settings! };
            },
            ct);
        if (changed.IsRefused(out var refused, out var collection)) return refused;

        // Switched off means that none is there when this answers; the sweep takes what a job that was accepted before still brings.
        if (!collection!.Settings.KeepImages) await images.DropUnwantedAsync(collectionId, CancellationToken.None);
        return Envelope.Ok(collection);
    }

    private static async Task<Results<Ok<ApiResponse<CollectionDeleted>>, Problem>> DeleteAsync(
        [FromRoute(Name = "collection_id")] string collectionId, Caller caller, CollectionRemoval removal) =>
        await removal.RemoveAsync(caller.OrganizationId, collectionId) is { } receipt ? Envelope.Ok(receipt) : CollectionStore.NotFound();

    private static Problem? Wrong(string? name, string? description)
    {
        if (FieldValues.IsNoName(name, LongestName)) return Problem.Invalid($"name has 1 to {LongestName} characters, none of them a control character.");
        return description?.Length > LongestDescription ? Problem.Invalid($"description has at most {LongestDescription} characters.") : null;
    }

    private static async Task<Results<Ok<ApiResponse<CollectionList>>, Problem>> ListAsync(
        string? limit, string? cursor, Caller caller, CollectionStore store, CancellationToken ct)
    {
        if (Page.Parse(limit, cursor).IsRefused(out var problem, out var page)) return problem;
        var (collections, next) = page.Cut(await store.ListAsync(caller.OrganizationId, caller.Collections, page, ct), collection => collection.Id);
        return Envelope.Ok(new CollectionList { Collections = collections, NextCursor = next });
    }

    private static async Task<Results<Ok<ApiResponse<Collection>>, Problem>> GetAsync(
        [FromRoute(Name = "collection_id")] string collectionId, Caller caller, CollectionStore store, CancellationToken ct) =>
        await store.FindAsync(caller.OrganizationId, collectionId, ct) is { } collection ? Envelope.Ok(collection) : CollectionStore.NotFound();
}
