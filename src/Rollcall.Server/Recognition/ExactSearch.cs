using System.Runtime.InteropServices;
using Dapper;
using Rollcall.Faces.Index;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Recognition;

/// <summary>A reference that stands, as a search found it.</summary>
internal sealed record StandingFace
{
    public required long Num { get; init; }

    public required long PersonNum { get; init; }

    public required string Id { get; init; }

    public required string ExternalId { get; init; }

    public string? Metadata { get; init; }

    public required byte[] Vector { get; init; }
}

/// <summary>What is looked for around each probe.</summary>
/// <param name="MinCosineOf">The least cosine of a hit, by how many references are searched.</param>
/// <param name="OnePerPerson">Whether only a person's best reference is a hit.</param>
internal sealed record NearestRequest(int TopK, Func<long, double> MinCosineOf, bool OnePerPerson, bool WithMetadata);

/// <summary>The hits of each probe, best first, the references that they are, and how many references were searched.</summary>
internal sealed record Nearest(IReadOnlyList<IReadOnlyList<FaceHit>> Hits, IReadOnlyDictionary<long, StandingFace> Faces, long Searched);

/// <summary>What of a collection is nearest to vectors: the index names candidates that surely contain the answer, float32 vectors decide it.</summary>
internal sealed class ExactSearch(Database database, IndexFeed feed)
{
    private const int MostLooks = 5;

    // A statement takes a bounded number of variables, and any number of references may be about as near as the nearest.
    private const int RowsAtOnce = 1000;

    /// <summary>All probes against one state of the collection. What they are near to is held meanwhile: give a few at a time.</summary>
    public async Task<Nearest> FindAsync(string collectionId, IReadOnlyList<float[]> probes, NearestRequest request, CancellationToken ct)
    {
        for (var look = 1; ; look++)
        {
            var index = await feed.LevelAsync(collectionId, ct);
            var searched = index.Count;
            var minCosine = request.MinCosineOf(searched);
            var candidates = new List<IReadOnlyList<FaceCandidate>>(probes.Count);
            foreach (var probe in probes)
            {
                ct.ThrowIfCancellationRequested();
                candidates.Add(index.Search(probe, request.TopK, minCosine, request.OnePerPerson));
            }

            // A candidate that was superseded since the index was level has a successor that the index does not know yet: look again.
            var nums = candidates.SelectMany(some => some).Select(candidate => candidate.FaceKey).ToHashSet();
            var faces = await ReadAsync(collectionId, nums, request.WithMetadata, ct);
            if (faces.Count < nums.Count && look < MostLooks) continue;

            var scored = faces.Values.ToDictionary(
                face => face.Num, face => (face.Num, face.PersonNum, MemoryMarshal.Cast<byte, float>(face.Vector).ToArray()));
            return new Nearest(
                [
                    .. probes.Zip(candidates, (probe, some) => FaceIndex.Rescore(
                        probe,
                        [.. some.Where(candidate => scored.ContainsKey(candidate.FaceKey)).Select(candidate => scored[candidate.FaceKey])],
                        request.TopK,
                        minCosine,
                        request.OnePerPerson)),
                ],
                faces,
                searched);
        }
    }

    /// <summary>What still stands of the candidates.</summary>
    private async Task<Dictionary<long, StandingFace>> ReadAsync(string collectionId, HashSet<long> candidates, bool withMetadata, CancellationToken ct)
    {
        if (candidates.Count == 0) return [];
        return await database.ReadAsync(
            async tx =>
            {
                var faces = new Dictionary<long, StandingFace>(candidates.Count);
                foreach (var nums in candidates.Chunk(RowsAtOnce))
                {
                    var found = await tx.Connection!.QueryAsync<StandingFace>(
                        """
                        SELECT num, person_num, id, external_id, CASE WHEN @withMetadata THEN metadata END AS metadata, vector FROM face
                        WHERE num IN @nums AND collection_id = @collectionId AND state = 0
                        """,
                        new { nums, withMetadata, collectionId },
                        tx);
                    foreach (var face in found) faces.Add(face.Num, face);
                }

                return faces;
            },
            ct);
    }
}
