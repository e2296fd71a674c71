using System.Buffers;
using System.Security.Cryptography;

namespace Rollcall.Server.Storage;

/// <summary>What became of a stream that was put: its name, or that it was longer than allowed and was drained without being kept.</summary>
internal readonly record struct StoredBlob(string? Name, long Bytes, string Sha256);

/// <summary>
/// Images in a folder. A blob is <c>group/name</c>; it is written under a temporary name, synced and renamed, and it is durable once
/// <see cref="SyncGroup"/> has returned for its group. With an active key it is encrypted on the way; its name, its hash and its length are
/// those of the image all the same.
/// </summary>
internal sealed class FileBlobStore(DataFolder folder, BlobKeys keys)
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>After the name of a file that is not whole yet.</summary>
    public const string Partial = ".partial";

    /// <summary>
    /// Streams into the store in one pass, hashing on the way, as far as the allowance goes, if there is one. A stream over <paramref name="limit"/> is read
    /// to its end and not kept.
    /// </summary>
    public async Task<StoredBlob> PutAsync(string group, string name, Stream content, long limit, UploadAllowance? allowance, CancellationToken ct)
    {
        Directory.CreateDirectory(Resolve(group));
        var final = Resolve($"{group}/{name}") + (keys.Active is null ? "" : SealedBlob.Suffix);
        var partial = final + Partial;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            long total = 0, written = 0;
            await using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous))
            {
                using var sealing = keys.Active is { } key ? await SealedWriter.BeginAsync(file, key, $"{group}/{name}", ct) : null;
                int read;
                while ((read = await content.ReadAsync(buffer.AsMemory(0, BufferBytes), ct)) > 0)
                {
                    total += read;
                    hash.AppendData(buffer, 0, read);
                    if (total > limit) continue;
                    if (allowance is not null) await allowance.TakeAsync(read, ct);
                    await (sealing?.WriteAsync(buffer.AsMemory(0, read), ct) ?? file.WriteAsync(buffer.AsMemory(0, read), ct));
                    allowance?.Written(read);
                    written += read;
                }

                if (total <= limit)
                {
                    if (sealing is not null) await sealing.CompleteAsync(ct);
                    file.Flush(flushToDisk: true);
                }
            }

            if (total > limit)
            {
                File.Delete(partial);
                allowance?.Return(written);
                return new StoredBlob(null, total, Hash());
            }

            File.Move(partial, final, overwrite: true);
            return new StoredBlob($"{group}/{name}", total, Hash());

            string Hash() => Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>Makes the names in a group durable: a synced file whose folder entry is lost in a power cut is lost all the same.</summary>
    public void SyncGroup(string group)
    {
        FolderSync.Sync(Resolve(group));
        FolderSync.Sync(folder.Blobs);
    }

    /// <summary>The image as it was put; an encrypted one that does not open with its key is a <see cref="BlobUnreadableException"/>.</summary>
    public Stream OpenRead(string blob)
    {
        var path = Resolve(blob);
        return File.Exists(path + SealedBlob.Suffix) ? new SealedReader(Open(path + SealedBlob.Suffix), keys, blob) : Open(path);

        static FileStream Open(string file) => new(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
    }

    public void Delete(string blob)
    {
        var path = Resolve(blob);
        try
        {
            File.Delete(path);
            File.Delete(path + SealedBlob.Suffix);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }

        DeleteIfEmpty(Path.GetDirectoryName(path)!);
    }

    /// <summary>All that can be deleted; then what could not be is told.</summary>
    public void DeleteAll(IEnumerable<string> blobs)
    {
        Exception? failure = null;
        foreach (var blob in blobs)
        {
            try
            {
                Delete(blob);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failure = e;
            }
        }

        if (failure is not null) throw new IOException("The rows are deleted, and not all of their images: the sweep will do it.", failure);
    }

    public void DeleteGroup(string group)
    {
        var path = Resolve(group);
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }

    /// <summary>Whether the store itself can be reached, so that what is missing from it is missing.</summary>
    public bool IsThere => Directory.Exists(folder.Blobs);

    public IEnumerable<string> Groups() => Directory.EnumerateDirectories(folder.Blobs).Select(path => Path.GetFileName(path)!);

    /// <summary>The blobs of a group that were last written before <paramref name="before"/>, unfinished ones too.</summary>
    public IReadOnlyList<string> WrittenBefore(string group, DateTimeOffset before)
    {
        try
        {
            return [.. new DirectoryInfo(Resolve(group)).EnumerateFiles()
                .Where(file => file.LastWriteTimeUtc <= before.UtcDateTime)
                .Select(file => $"{group}/{(file.Name.EndsWith(SealedBlob.Suffix, StringComparison.Ordinal) ? file.Name[..^SealedBlob.Suffix.Length] : file.Name)}")];
        }
        catch (DirectoryNotFoundException)
        {
            return []; // its last item took it along
        }
    }

    /// <summary>Removes a group that holds nothing and has not been touched since: a newer one may be waiting for its first blob.</summary>
    public void DeleteEmptyGroup(string group, DateTimeOffset before)
    {
        var path = Resolve(group);
        if (Directory.GetLastWriteTimeUtc(path) <= before.UtcDateTime) DeleteIfEmpty(path);
    }

    private static void DeleteIfEmpty(string directory)
    {
        try
        {
            Directory.Delete(directory);
        }
        catch (IOException)
        {
            // Not empty, or gone: other items of the job still own their uploads, or the last one took the folder along.
        }
    }

    /// <summary>Throws when the store does not take writes.</summary>
    public void Probe()
    {
        // One name for all probes, so that a process that dies over it leaves one file and not many.
        using var probe = new FileStream(
            Path.Combine(folder.Blobs, "probe" + Partial),
            FileMode.Create,
            FileAccess.Write,
            FileShare.ReadWrite | FileShare.Delete,
            bufferSize: 1,
            FileOptions.DeleteOnClose);
        probe.WriteByte(0);
    }

    public bool Works()
    {
        try
        {
            Probe();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string Resolve(string blob)
    {
        var path = Path.GetFullPath(Path.Combine(folder.Blobs, blob));
        if (!path.StartsWith(folder.Blobs + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new ArgumentException("A blob's name leads out of the store.", nameof(blob));
        return path;
    }
}
