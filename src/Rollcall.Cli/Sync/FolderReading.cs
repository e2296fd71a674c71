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
                // What a link leads to: the link itself is as old as ever when that changes.
                var file = new FileInfo(photograph.Location);
                if (file.LinkTarget is not null) file = (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
                var (bytes, changed) = (file.Length, file.LastWriteTimeUtc.Ticks);
                if (bytes == 0) return new(photograph with { Refusal = Refusal.Empty }, null, IsNews: false);
                var known = memory.Known(photograph.Location);
                if (!rehash && known is not null && known.Bytes == bytes && known.Changed == changed) return new(photograph, known, IsNews: false);

                await using var stream = file.Open(new FileStreamOptions { BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
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
