using System.Runtime.InteropServices;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Recognition;

/// <summary>One probe against one person: the stored float32 vectors, which are few, without the index.</summary>
internal sealed class Verification(Database database, FaceModels models)
{
    /// <summary>The reference that the probe is most like; of several that are equally like it the oldest.</summary>
    public async Task<Result<VerifyResult>> VerifyAsync(
        string organizationId, string collectionId, float[] probe, int facesFound, VerifyRequest request, CancellationToken ct)
    {
        var references = await ReadAsync(organizationId, collectionId, request, ct);
        if (references.Count == 0)
        {
            return new Problem(
                ErrorCodes.FaceNotFound,
                request.FaceId is null ? "Nobody is enrolled under this external id in this collection." : "There is no such face in this collection.");
        }

        var calibration = models.Engine.Pack.Calibration;
        var (best, pair) = references
            .Select(reference => (Reference: reference, Pair: Pair.Of(probe, MemoryMarshal.Cast<byte, float>(reference.Vector), calibration)))
            .MaxBy(compared => compared.Pair.Cosine);
        return new VerifyResult
        {
            Verified = pair.Reaches(request.Threshold),
            Similarity = pair.Similarity,
            Cosine = pair.Cosine,
            Threshold = request.Threshold,
            FaceId = best.Id,
            ExternalId = best.ExternalId,
            FacesFound = facesFound,
        };
    }

    private async Task<IReadOnlyList<ReferenceRow>> ReadAsync(string organizationId, string collectionId, VerifyRequest request, CancellationToken ct)
    {
        // Through the person where one is named: that is an index look-up however large the collection is.
        var whose = request.FaceId is null
            ? "person_num IN (SELECT num FROM person WHERE collection_id = @collectionId AND external_id = @ExternalId)"
            : "id = @FaceId";
        return [.. await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<ReferenceRow>(
                $"""
                SELECT id, external_id, vector FROM face
                WHERE {whose} AND collection_id = @collectionId AND organization_id = @organizationId AND state = 0 ORDER BY num
                """,
                new { organizationId, collectionId, request.ExternalId, request.FaceId },
                tx),
            ct)];
    }

    private sealed record ReferenceRow
    {
        public required string Id { get; init; }

        public required string ExternalId { get; init; }

        public required byte[] Vector { get; init; }
    }
}
