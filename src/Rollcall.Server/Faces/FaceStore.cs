using System.Text.Json;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Faces;

internal sealed record FaceRow
{
    public const string Columns =
        """
        num, id, collection_id, external_id, metadata, quality_score, box_x, box_y, box_width, box_height, image_sha256, model, job_id,
        item_index, created_at
        """;

    public required long Num { get; init; }

    public required string Id { get; init; }

    public required string CollectionId { get; init; }

    public required string ExternalId { get; init; }

    public string? Metadata { get; init; }

    public required double QualityScore { get; init; }

    public required double BoxX { get; init; }

    public required double BoxY { get; init; }

    public required double BoxWidth { get; init; }

    public required double BoxHeight { get; init; }

    public required string ImageSha256 { get; init; }

    public required string Model { get; init; }

    public string? JobId { get; init; }

    public int? ItemIndex { get; init; }

    public required long CreatedAt { get; init; }

    public Face ToContract() => new()
    {
        FaceId = Id,
        CollectionId = CollectionId,
        ExternalId = ExternalId,
        Metadata = Metadata is null ? null : JsonElement.Parse(Metadata),
        QualityScore = Math.Round(QualityScore, 4),
        BoundingBox = Boxes.ToContract(BoxX, BoxY, BoxWidth, BoxHeight),
        ImageSha256 = ImageSha256,
        Model = Model,
        JobId = JobId,
        Index = ItemIndex,
        CreatedAt = CreatedAt.ToTime(),
    };
}

/// <summary>The standing references of a collection.</summary>
internal sealed class FaceStore(Database database, AuditTrail audit)
{
    private const string Standing = "collection_id = @collectionId AND organization_id = @organizationId AND state = 0";

    public async Task<Face?> FindAsync(string organizationId, string collectionId, string faceId, CancellationToken ct)
    {
        var row = await database.ReadAsync(
            tx => tx.Connection!.QuerySingleOrDefaultAsync<FaceRow>(
                $"SELECT {FaceRow.Columns} FROM face WHERE id = @faceId AND {Standing}", new { faceId, collectionId, organizationId }, tx),
            ct);
        return row?.ToContract();
    }

    /// <summary>The face with its new metadata; null when it does not stand here.</summary>
    public async Task<Face?> ChangeAsync(string organizationId, string collectionId, string faceId, string? metadata, CancellationToken ct)
    {
        var changed = await database.WriteAsync(
            async tx =>
            {
                var externalId = await tx.Connection!.ExecuteScalarAsync<string?>(
                    $"UPDATE face SET metadata = @metadata WHERE id = @faceId AND {Standing} RETURNING external_id", new { metadata, faceId, collectionId, organizationId }, tx);
                if (externalId is not null) await audit.RecordAsync(tx, organizationId, AuditEvent.OfFace(AuditActions.FaceChanged, collectionId, faceId, externalId));
                return externalId is not null;
            },
            ct);
        return !changed ? null : await FindAsync(organizationId, collectionId, faceId, ct);
    }

    public async Task<IReadOnlyList<FaceRow>> ListAsync(
        string organizationId, string collectionId, string? externalId, Page page, CancellationToken ct)
    {
        // Through the person where one is named: that is an index look-up however large the collection is.
        var person = externalId is null
            ? ""
            : "AND person_num IN (SELECT num FROM person WHERE collection_id = @collectionId AND external_id = @externalId)";
        return [.. await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<FaceRow>(
                $"""
                SELECT {FaceRow.Columns} FROM face
                WHERE {Standing} {person} AND (@after IS NULL OR id < @after) ORDER BY id DESC LIMIT @take
                """,
                new { organizationId, collectionId, externalId, after = page.After, take = page.Limit + 1 },
                tx),
            ct)];
    }
}
