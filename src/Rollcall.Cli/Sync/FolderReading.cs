using System.Security.Cryptography;
using Rollcall.Cli.Sources;

namespace Rollcall.Cli.Sync;

/// <summary>Every photograph of a folder with the hash of its bytes, a few at a time; one that has not changed is not read again.</summary>
internal static class FolderReading
{
    private const int AtOnce = 4;

    public static async Task ReadAsync(FolderSource folder, SyncMemory memory, bool rehash, CancellationToken cancellationToken)
    {
        try
        {
            await Parallel.ForEachAsync(
                folder.Photographs(),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                async (photograph, token) => memory.Add(photograph.Refusal is null ? await LookAsync(photograph, token) : new(photograph, null, IsNews: false)));
        }
        finally
        {
            memory.Flush();
        }

        async Task<FoundFile> LookAsync(Photograph photograph, CancellationToken token)
        {
            try
            {
                if (FileLook.At(photograph.Location) is not { Changed: { } changed, Length: var bytes }) return new(photograph with { Refusal = Refusal.Missing }, null, IsNews: false);
                if (bytes == 0) return new(photograph with { Refusal = Refusal.Empty }, null, IsNews: false);
                var known = memory.Known(photograph.Location);
                if (!rehash && known is not null && known.Bytes == bytes && known.Changed == changed) return new(photograph, known, IsNews: false);

                await using var stream = await folder.OpenAsync(photograph.Location, token);
                var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, token));
                return new(photograph, new(bytes, changed, hash, known?.Sha256 == hash ? known.Before : known?.Sha256), IsNews: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return new(photograph with { Refusal = Refusal.Unreadable(exception) }, null, IsNews: false);
            }
        }
    }
}
