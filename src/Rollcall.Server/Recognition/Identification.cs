using System.Runtime.InteropServices;
using System.Text.Json;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Faces.Index;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Recognition;

/// <summary>One probe against a collection: the index names candidates that surely contain the answer, float32 vectors decide it.</summary>
internal sealed class Identification(Database database, IndexFeed feed, FaceModels models)
{
    private const int MostLooks = 5;

    // A statement takes a bounded number of variables, and any number of references may be about as near as the nearest.
    private const int RowsAtOnce = 1000;

    public async Task<(IReadOnlyList<Match> Matches, double Threshold, long Searched)> SearchAsync(
        Collection collection, float[] probe, IdentifyRequest request, CancellationToken ct)
    {
        var calibration = models.Engine.Pack.Calibration;
        for (var look = 1; ; look++)
        {
            var index = await feed.LevelAsync(collection.Id, ct);
            var searched = index.Count;
            var threshold = request.Threshold ?? collection.Settings.IdentifyThreshold ?? calibration.IdentifyThreshold(searched);
            var minCosine = calibration.ToCosine(threshold);

            var candidates = index.Search(probe, request.TopK, minCosine, request.Deduplicate);
            if (candidates.Count == 0) return ([], threshold, searched);

            // A candidate that was superseded since the index was level has a successor that the index does not know yet: look again.
            var rows = await ReadAsync(collection.Id, candidates, ct);
            if (rows.Count < candidates.Count && look < MostLooks) continue;

            var hits = FaceIndex.Rescore(
                probe,
                [.. rows.Values.Select(row => (row.Num, row.PersonNum, MemoryMarshal.Cast<byte, float>(row.Vector).ToArray()))],
                request.TopK,
                minCosine,
                request.Deduplicate);
            return ([.. hits.Select((hit, i) => ToContract(hit, i + 1, rows[hit.FaceKey], request.ReturnMetadata))], threshold, searched);
        }
    }

    private Match ToContract(FaceHit hit, int rank, CandidateRow row, bool withMetadata) => new()
    {
        FaceId = row.Id,
        ExternalId = row.ExternalId,
        Similarity = Math.Round(models.Engine.Pack.Calibration.ToSimilarity(hit.Cosine), 4),
        Cosine = Math.Round(hit.Cosine, 4),
        Rank = rank,
        Metadata = withMetadata && row.Metadata is not null ? JsonElement.Parse(row.Metadata) : null,
    };

    /// <summary>What still stands of the candidates.</summary>
    private async Task<Dictionary<long, CandidateRow>> ReadAsync(string collectionId, IReadOnlyList<FaceCandidate> candidates, CancellationToken ct)
    {
        return await database.ReadAsync(
            async tx =>
            {
                var rows = new Dictionary<long, CandidateRow>(candidates.Count);
                foreach (var some in candidates.Chunk(RowsAtOnce))
                {
                    var found = await tx.Connection!.QueryAsync<CandidateRow>(
                        "SELECT num, person_num, id, external_id, metadata, vector FROM face WHERE num IN @nums AND collection_id = @collectionId AND state = 0",
                        new { nums = some.Select(candidate => candidate.FaceKey), collectionId },
                        tx);
                    foreach (var row in found) rows.Add(row.Num, row);
                }

                return rows;
            },
            ct);
    }

    private sealed record CandidateRow
    {
        public required long Num { get; init; }

        public required long PersonNum { get; init; }

        public required string Id { get; init; }

        public required string ExternalId { get; init; }

        public string? Metadata { get; init; }

        public required byte[] Vector { get; init; }
    }
}
