using System.Runtime.InteropServices;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Faces.Index;
using Rollcall.Faces.Models;
using Rollcall.Server.Collections;
using Rollcall.Server.Hosting;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Batches;

/// <summary>Which people of a finished job look like one another, or like somebody else of the collection, though their external ids differ.</summary>
/// <remarks>
/// 1. The job's references that stand: what its items made or confirmed.
/// 2. For each the people nearest to it, by the exact search. A pair that is among the best n of all is among the best n of its reference, so
///    n are asked for, one more to see whether there are more, and one for the person itself.
/// 3. Each two people are one pair, by the references of theirs that are most alike.
/// 4. What is told is read again, from one snapshot: who was erased, or whose reference was replaced meanwhile, is not in it.
/// </remarks>
internal sealed class LookAlikes(Database database, BatchStore store, CollectionStore collections, IndexFeed feed, ExactSearch search, FaceModels models)
{
    private const int RetryAfterSeconds = 2;

    // What so many are near to is held at once: up to 202 vectors for each.
    private const int ReferencesAtOnce = 10;

    // A job has up to 100 references, and each scans the collection.
    private readonly SharedPlaces _places = new(all: 4, ofOne: 2);

    public async Task<Result<LookAlikeReport>> ReportAsync(string organizationId, string? collectionId, string jobId, int limit, CancellationToken ct)
    {
        if (await store.FindAsync(organizationId, collectionId, jobId, ResultsView.None, ct) is not { } job) return BatchStore.NotFound();
        if (job.CompletedAt is null) return BatchStore.NotFinished();
        if (job.DryRun == true) return Problem.Invalid("A dry run keeps no faces that could be compared: enrol them, and undo the job if they do not please.");
        if ((await collections.UsableAsync(organizationId, job.CollectionId, ct)).IsRefused(out var problem, out var collection)) return problem;
        if (!_places.TryEnter(organizationId))
            return new Problem(ErrorCodes.ServiceBusy, "Other look-alikes are being looked for: try again shortly.") { RetryAfterSeconds = RetryAfterSeconds };

        try
        {
            return await ReportAsync(organizationId, collection!, jobId, limit, ct);
        }
        finally
        {
            _places.Leave(organizationId);
        }
    }

    private async Task<LookAlikeReport> ReportAsync(string organizationId, Collection collection, string jobId, int limit, CancellationToken ct)
    {
        var calibration = models.Engine.Pack.Calibration;
        var searched = (await feed.LevelAsync(collection.Id, ct)).Count;
        var threshold = Math.Round(collection.Settings.DuplicateThreshold ?? calibration.IdentifyThreshold(searched), 4);
        var own = await OwnAsync(organizationId, collection.Id, jobId, ct); // 1
        var pairs = await PairsAsync(collection.Id, own, threshold, limit, calibration, ct); // 2, 3

        var indexes = own.ToDictionary(reference => reference.Num, reference => reference.ItemIndex);
        var best = pairs.OrderByDescending(pair => pair.Cosine).ThenBy(pair => indexes[pair.First]).ThenBy(pair => pair.Second).Take(limit).ToList();
        var standing = await StandingAsync(organizationId, collection.Id, best, ct); // 4
        return new LookAlikeReport
        {
            Pairs =
            [
                .. from pair in best
                   where standing.ContainsKey(pair.First) && standing.ContainsKey(pair.Second)
                   let alike = Pair.Of(pair.Cosine, calibration)
                   select new LookAlikePair { Similarity = alike.Similarity, Cosine = alike.Cosine, First = Face(pair.First), Second = Face(pair.Second) }
            ],
            Threshold = threshold,
            Searched = searched,
            Truncated = pairs.Count > limit,
        };

        LookAlike Face(long num) => new()
        {
            Index = indexes.TryGetValue(num, out var index) ? index : null,
            ExternalId = standing[num].ExternalId,
            FaceId = standing[num].Id,
        };
    }

    private async Task<IReadOnlyCollection<Found>> PairsAsync(
        string collectionId, IReadOnlyList<OwnReference> own, double threshold, int limit, ScoreCalibration calibration, CancellationToken ct)
    {
        var indexes = own.ToDictionary(reference => reference.Num, reference => reference.ItemIndex);
        var minCosine = calibration.ToCosine(threshold - 0.0001); // what reaches it is decided on the figures that are told
        var wanted = new NearestRequest(limit + 2, _ => minCosine, OnePerPerson: true, WithMetadata: false);
        var pairs = new Dictionary<(long, long), Found>();
        foreach (var some in own.Chunk(ReferencesAtOnce))
        {
            var nearest = await search.FindAsync(collectionId, [.. some.Select(reference => MemoryMarshal.Cast<byte, float>(reference.Vector).ToArray())], wanted, ct);
            foreach (var (reference, hits) in some.Zip(nearest.Hits))
                foreach (var hit in hits.Where(hit => hit.PersonKey != reference.PersonNum && Pair.Of(hit.Cosine, calibration).Reaches(threshold)))
                    Keep(reference, hit);
        }

        return pairs.Values;

        void Keep(OwnReference reference, FaceHit hit)
        {
            var people = (Math.Min(reference.PersonNum, hit.PersonKey), Math.Max(reference.PersonNum, hit.PersonKey));
            if (pairs.TryGetValue(people, out var known) && known.Cosine >= hit.Cosine) return;
            var isTurned = indexes.TryGetValue(hit.FaceKey, out var index) && index < reference.ItemIndex;
            pairs[people] = isTurned ? new Found(hit.FaceKey, reference.Num, hit.Cosine) : new Found(reference.Num, hit.FaceKey, hit.Cosine);
        }
    }

    /// <summary>One for each reference, by the first of the items that made or confirmed it.</summary>
    private async Task<IReadOnlyList<OwnReference>> OwnAsync(string organizationId, string collectionId, string jobId, CancellationToken ct) =>
    [
        .. (await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<OwnReference>(
                """
                SELECT f.num, f.person_num, i.item_index, f.vector FROM job_item i JOIN face f ON f.id = i.face_id
                WHERE i.job_id = @jobId AND i.outcome IN ('enrolled', 'replaced', 'unchanged')
                  AND f.collection_id = @collectionId AND f.organization_id = @organizationId AND f.state = 0
                ORDER BY i.item_index
                """,
                new { organizationId, collectionId, jobId },
                tx),
            ct)).DistinctBy(reference => reference.Num),
    ];

    private async Task<IReadOnlyDictionary<long, (string Id, string ExternalId)>> StandingAsync(
        string organizationId, string collectionId, IReadOnlyCollection<Found> pairs, CancellationToken ct)
    {
        var faces = await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<(long Num, string Id, string ExternalId)>(
                "SELECT num, id, external_id FROM face WHERE num IN @nums AND collection_id = @collectionId AND organization_id = @organizationId AND state = 0",
                new { organizationId, collectionId, nums = pairs.SelectMany(pair => new[] { pair.First, pair.Second }).Distinct() },
                tx),
            ct);
        return faces.ToDictionary(face => face.Num, face => (face.Id, face.ExternalId));
    }

    /// <summary>Two people by one reference each, the first of them the job's.</summary>
    private readonly record struct Found(long First, long Second, float Cosine);

    private sealed record OwnReference
    {
        public required long Num { get; init; }

        public required long PersonNum { get; init; }

        public required int ItemIndex { get; init; }

        public required byte[] Vector { get; init; }
    }
}
