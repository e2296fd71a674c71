using System.Runtime.InteropServices;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Faces.Index;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Recognition;

/// <summary>One probe against a collection: the index names candidates that surely contain the answer, float32 vectors decide it.</summary>
internal sealed class Identification(Database database, IndexFeed feed, FaceModels models)
{
    public async Task<(IReadOnlyList<Match> Matches, double Threshold, long Searched)> SearchAsync(
        Collection collection, float[] probe, IdentifyRequest request, CancellationToken ct)
    {
        var calibration = models.Engine.Pack.Calibration;
        var index = await feed.LevelAsync(collection.Id, ct);
        var searched = index.Count;
        var threshold = request.Threshold ?? collection.Settings.IdentifyThreshold ?? calibration.IdentifyThreshold(searched);
        var minCosine = calibration.ToCosine(threshold);

        var candidates = index.Search(probe, request.TopK, minCosine, request.Deduplicate);
        if (candidates.Count == 0) return ([], threshold, searched);

        var rows = await ReadAsync(collection.Id, candidates, ct);
        var hits = FaceIndex.Rescore(
            probe, [.. rows.Values.Select(row => (row.Num, row.PersonNum, MemoryMarshal.Cast<byte, float>(row.Vector).ToArray()))], request.TopK, minCosine, request.Deduplicate);
        var matches = hits.Select((hit, i) => new Match
        {
            FaceId = rows[hit.FaceKey].Id,
            ExternalId = rows[hit.FaceKey].ExternalId,
            Similarity = Math.Round(calibration.ToSimilarity(hit.Cosine), 4),
            Cosine = Math.Round(hit.Cosine, 4),
            Rank = i + 1,
            Metadata = request.ReturnMetadata ? rows[hit.FaceKey].MetadataElement : null,
        });
        return ([.. matches], threshold, searched);
    }

    /// <summary>What still stands of the candidates: one that was taken back since the index was level is not an answer.</summary>
    private async Task<Dictionary<long, CandidateRow>> ReadAsync(string collectionId, IReadOnlyList<FaceCandidate> candidates, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<CandidateRow>(
                "SELECT num, person_num, id, external_id, metadata, vector FROM face WHERE num IN @nums AND collection_id = @collectionId AND state = 0",
                new { nums = candidates.Select(candidate => candidate.FaceKey), collectionId },
                tx),
            ct);
        return rows.ToDictionary(row => row.Num);
    }

    private sealed record CandidateRow
    {
        public required long Num { get; init; }

        public required long PersonNum { get; init; }

        public required string Id { get; init; }

        public required string ExternalId { get; init; }

        public string? Metadata { get; init; }

        public required byte[] Vector { get; init; }

        public System.Text.Json.JsonElement? MetadataElement => Metadata is null ? null : System.Text.Json.JsonElement.Parse(Metadata);
    }
}
