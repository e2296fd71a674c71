using System.Security.Cryptography;
using Rollcall.Cli.Sources;

namespace Rollcall.Cli.Sync;

/// <summary>Every photograph of a folder with the hash of its bytes, a few at a time; one that has not changed is not read again.</summary>
internal static class FolderHashes
{
    private const int AtOnce = 4;

    public static async Task<(Dictionary<string, List<LocalPhotograph>> People, List<Photograph> Unusable)> ReadAsync(
        FolderSource folder, SyncMemory memory, HashSet<(string, string)> refused, bool rehash, CancellationToken cancellationToken)
    {
        var people = new Dictionary<string, List<LocalPhotograph>>(StringComparer.Ordinal);
        var unusable = new List<Photograph>();
        var read = new List<(string, long, DateTimeOffset, string)>();
        var turn = new Lock();
        await Parallel.ForEachAsync(
            folder.Photographs(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (photograph, token) =>
            {
                var hash = photograph.Refusal is null ? await HashAsync(photograph, token) : null;
                lock (turn)
                {
                    if (photograph.Refusal is not null) unusable.Add(photograph);

                    // Whoever has a file here is here, whatever the file is worth.
                    if (photograph.ExternalId.Length == 0) return;
                    if (!people.TryGetValue(photograph.ExternalId, out var photographs)) people[photograph.ExternalId] = photographs = [];
                    var isRefused = photograph.Refusal is not null || (hash is not null && refused.Contains((photograph.ExternalId, hash)));
                    photographs.Add(new(photograph.Location, photograph.Refusal is null ? hash : "", isRefused));
                }
            });
        memory.Keep(read);

        // Threads met them in any order; a plan is the same each time.
        foreach (var photographs in people.Values)
        {
            photographs.Sort((a, b) => string.CompareOrdinal(a.Location, b.Location));
        }

        return (people, unusable);

        async Task<string?> HashAsync(Photograph photograph, CancellationToken token)
        {
            try
            {
                var file = new FileInfo(photograph.Location);
                var (bytes, changed) = (file.Length, new DateTimeOffset(file.LastWriteTimeUtc));
                if (!rehash && memory.Hash(photograph.Location, bytes, changed) is { } known) return known;
                await using var stream = file.Open(new FileStreamOptions { BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
                var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, token));
                lock (turn) read.Add((photograph.Location, bytes, changed, hash));
                return hash;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                lock (turn) unusable.Add(photograph with { Refusal = Refusal.Unreadable(exception) });
                return null;
            }
        }
    }
}
