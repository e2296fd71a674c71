using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;
using Rollcall.Server.Hosting;
using Rollcall.Server.Organizations;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Collections;

/// <summary>Collections: galleries of one organization, each with the model that its vectors come from.</summary>
internal sealed class CollectionStore(Database database, FaceModels models, AuditTrail audit, TimeProvider time)
{
    public static Problem NotFound() => new(ErrorCodes.CollectionNotFound, "There is no such collection here.");

    public async Task<Collection> CreateAsync(
        string organizationId, string name, string? description, CollectionSettings settings, CancellationToken ct)
    {
        var row = new CollectionRow
        {
            Id = Ids.New("col_", time),
            OrganizationId = organizationId,
            Name = name,
            Description = description,
            Model = models.Engine.Pack.Id,
            Settings = CollectionRow.SettingsToJson(settings),
            KeepImages = settings.KeepImages ? 1 : 0,
            RetentionDays = settings.RetentionDays,
            CreatedAt = time.Now(),
        };
        const string insert =
            """
            INSERT INTO collection (id, organization_id, name, description, model, settings, keep_images, retention_days, created_at)
            SELECT @Id, id, @Name, @Description, @Model, @Settings, @KeepImages, @RetentionDays, @CreatedAt FROM organization
            WHERE id = @OrganizationId AND deleted_at IS NULL
            """;
        await database.WriteAsync(
            async tx =>
            {
                if (await tx.Connection!.ExecuteAsync(insert, row, tx) == 0) throw new OrganizationGoneException();
                var details = new JsonObject { ["model"] = row.Model, ["settings"] = Settings.Difference(Settings.Default, settings) };
                await audit.RecordAsync(tx, organizationId, AuditEvent.OfCollection(AuditActions.CollectionCreated, row.Id) with { Details = details });
            },
            ct);
        return row.ToContract();
    }

    public async Task<Collection?> FindAsync(string organizationId, string id, CancellationToken ct)
    {
        var row = await database.ReadAsync(
            tx => tx.Connection!.QuerySingleOrDefaultAsync<CollectionRow>(
                $"SELECT {CollectionRow.Columns} FROM collection WHERE id = @id AND organization_id = @organizationId AND deleted_at IS NULL", new { id, organizationId }, tx),
            ct);
        return row?.ToContract();
    }

    /// <summary>Name, description and settings as the change makes them, or why it is refused.</summary>
    public Task<Result<Collection>> ChangeAsync(string organizationId, string id, Func<Collection, Result<Collection>> change, CancellationToken ct) =>
        database.WriteAsync<Result<Collection>>(
            async tx =>
            {
                var row = await tx.Connection!.QuerySingleOrDefaultAsync<CollectionRow>(
                    $"""
                    UPDATE collection SET name = name WHERE id = @id AND organization_id = @organizationId AND deleted_at IS NULL
                    RETURNING {CollectionRow.Columns}
                    """, // the no-op update locks the row
                    new { id, organizationId },
                    tx);
                if (row is null) return NotFound();
                if (change(row.ToContract()).IsRefused(out var problem, out var changed)) return problem;

                await tx.Connection!.ExecuteAsync(
                    """
                    UPDATE collection SET name = @Name, description = @Description, settings = @settings, keep_images = @keepImages, retention_days = @RetentionDays
                    WHERE id = @Id
                    """,
                    new
                    {
                        changed!.Name,
                        changed.Description,
                        settings = CollectionRow.SettingsToJson(changed.Settings),
                        keepImages = changed.Settings.KeepImages ? 1 : 0,
                        changed.Settings.RetentionDays,
                        changed.Id,
                    },
                    tx);
                if (Settings.Difference(row.ToContract(), changed) is { } difference)
                    await audit.RecordAsync(tx, organizationId, AuditEvent.OfCollection(AuditActions.CollectionChanged, id) with { Details = difference });
                return changed;
            },
            ct);

    public async Task<bool> AllExistAsync(string organizationId, IReadOnlyCollection<string> ids, CancellationToken ct) => await database.ReadAsync(
        tx => tx.Connection!.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM collection WHERE organization_id = @organizationId AND deleted_at IS NULL AND id IN @ids", new { organizationId, ids }, tx),
        ct) == ids.Count;

    /// <summary>The collection, if there is one and its vectors come from the model that this server runs.</summary>
    public async Task<Result<Collection>> UsableAsync(string organizationId, string id, CancellationToken ct)
    {
        if (await FindAsync(organizationId, id, ct) is not { } collection) return NotFound();
        var model = collection.Model!.Id;
        if (model == models.Engine.Pack.Id) return collection;
        return new Problem(
            ErrorCodes.ModelMismatch,
            $"The collection's vectors come from the model '{model}', this server runs '{models.Engine.Pack.Id}'. Start it with Models:Pack={model}.");
    }

    public async Task<IReadOnlyList<Collection>> ListAsync(string organizationId, IReadOnlyList<string>? confinedTo, Page page, CancellationToken ct)
    {
        var confined = confinedTo is null ? "" : "AND id IN @confinedTo";
        var rows = await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<CollectionRow>(
                $"""
                SELECT {CollectionRow.Columns} FROM collection
                WHERE organization_id = @organizationId AND deleted_at IS NULL {confined} AND (@after IS NULL OR id < @after) ORDER BY id DESC LIMIT @take
                """,
                new { organizationId, confinedTo, after = page.After, take = page.Limit + 1 },
                tx),
            ct);
        return [.. rows.Select(row => row.ToContract())];
    }
}
