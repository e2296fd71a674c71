using Rollcall.Server.Storage;

namespace Rollcall.Server.Batches;

/// <summary>A batch as it was received: every image is in the blob store, nothing is in the database yet.</summary>
internal sealed record BatchSubmission(string JobId, IReadOnlyList<SubmittedItem> Items, JobOptions Options, string Fingerprint);

/// <summary>A batch that is durable; <paramref name="Replayed"/> when an earlier request with the same key made it.</summary>
internal sealed record AcceptedBatch(string JobId, int Total, bool Replayed);

/// <summary>One image with its person; <paramref name="Refusal"/> is the code of what is already wrong with it.</summary>
internal sealed record SubmittedItem(string ExternalId, string? Metadata, StoredBlob Upload, string? Refusal);
