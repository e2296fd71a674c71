namespace Rollcall.Server.Storage;

/// <summary>What a rotation came to.</summary>
internal sealed record Rotated
{
    /// <summary>Images that were written anew.</summary>
    public int Written { get; set; }

    /// <summary>Images that were under the active key already.</summary>
    public int Kept { get; set; }

    /// <summary>Why the others stay as they are.</summary>
    public List<string> Failures { get; } = [];
}

/// <summary>
/// Brings every stored image to what a new one would be: under the active key, or plain where there is none. Nobody else may work on the folder
/// meanwhile: an image that is deleted while it is written anew would come back.
/// </summary>
/// <remarks>
/// An image is read to its end, which proves it, written beside the old file, synced and renamed; then the old file goes. An interruption leaves
/// the old one, the new one, or both, of which the encrypted one is read. The next run does the rest.
/// </remarks>
internal sealed class BlobRotation(DataFolder folder, BlobKeys keys)
{
    private const int BufferBytes = 128 * 1024;

    public async Task<Rotated> RunAsync(CancellationToken ct)
    {
        var rotated = new Rotated();
        foreach (var group in Directory.EnumerateDirectories(folder.Blobs).Order(StringComparer.Ordinal))
        {
            foreach (var partial in Directory.GetFiles(group, "*" + FileBlobStore.Partial)) File.Delete(partial); // of a run that was interrupted, or an upload

            var changed = false;
            var names = Directory.EnumerateFiles(group)
                .Select(file => file.EndsWith(SealedBlob.Suffix, StringComparison.Ordinal) ? file[..^SealedBlob.Suffix.Length] : file)
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            foreach (var plain in names)
            {
                ct.ThrowIfCancellationRequested();
                try
                {
                    if (await RotateAsync(plain, $"{Path.GetFileName(group)}/{Path.GetFileName(plain)}", ct)) (rotated.Written, changed) = (rotated.Written + 1, true);
                    else rotated.Kept++;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    rotated.Failures.Add(e.Message);
                }
            }

            if (changed) FolderSync.Sync(group);
        }

        return rotated;
    }

    /// <summary>False when it is as it should be.</summary>
    private async Task<bool> RotateAsync(string plain, string name, CancellationToken ct)
    {
        var encrypted = plain + SealedBlob.Suffix;
        var isSealed = File.Exists(encrypted);
        var (from, to) = (isSealed ? encrypted : plain, keys.Active is null ? plain : encrypted);
        if (from == to && (!isSealed || KeyOf(encrypted, name) == keys.Active!.Id))
        {
            if (isSealed) File.Delete(plain); // an interrupted run has left it
            return false;
        }

        var partial = to + FileBlobStore.Partial;
        try
        {
            await using var source = isSealed ? new SealedReader(OpenRead(from), keys, name) : (Stream)OpenRead(from);
            await WriteAsync(source, partial, name, ct);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }

        File.Move(partial, to, overwrite: true);
        FolderSync.Sync(Path.GetDirectoryName(to)!); // the new one is durable before the old one goes
        File.Delete(to == plain ? encrypted : plain); // there may be one where the encrypted one was read, too
        return true;
    }

    private async Task WriteAsync(Stream image, string file, string name, CancellationToken ct)
    {
        await using var target = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        using var sealing = keys.Active is { } key ? await SealedWriter.BeginAsync(target, key, name, ct) : null;
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await image.ReadAsync(buffer, ct)) > 0)
            await (sealing?.WriteAsync(buffer.AsMemory(0, read), ct) ?? target.WriteAsync(buffer.AsMemory(0, read), ct));
        if (sealing is not null) await sealing.CompleteAsync(ct);
        target.Flush(flushToDisk: true);
    }

    private static string KeyOf(string file, string name)
    {
        using var stream = OpenRead(file);
        return SealedBlob.KeyOf(stream, name);
    }

    private static FileStream OpenRead(string file) => new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
}
