using Dapper;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Faces;

/// <summary>The photographs that references keep: only in a collection that says so now, whatever it said when they came.</summary>
internal sealed class KeptImages(Database database, FileBlobStore blobs)
{
    private const int AtOnce = 500;

    /// <summary>
    /// Deletes those that no setting keeps any more, of one collection or of all; the references stay. Rows first, blobs after, so that
    /// no row names an image that is gone.
    /// </summary>
    public async Task<int> DropUnwantedAsync(string? collectionId, CancellationToken ct)
    {
        var dropped = 0;
        while (true)
        {
            var images = await DisownAsync(collectionId, ct);
            blobs.DeleteAll(images);
            dropped += images.Count;
            if (images.Count < AtOnce) return dropped;
        }
    }

    private Task<List<string>> DisownAsync(string? collectionId, CancellationToken ct) => database.WriteAsync(
        async tx =>
        {
            var rows = (await tx.Connection!.QueryAsync<(long Num, string Image)>(
                """
                SELECT num, image FROM face
                WHERE image IS NOT NULL AND collection_id IN (SELECT id FROM collection WHERE keep_images = 0 AND (@collectionId IS NULL OR id = @collectionId))
                LIMIT @most
                """,
                new { collectionId, most = AtOnce },
                tx)).AsList();
            if (rows.Count > 0)
                await tx.Connection!.ExecuteAsync("UPDATE face SET image = NULL, image_bytes = 0 WHERE num IN @nums", new { nums = rows.Select(row => row.Num) }, tx);
            return rows.ConvertAll(row => row.Image);
        },
        ct);
}
