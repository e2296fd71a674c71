using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Rollcall.Faces.Models;

/// <summary>Obtains a pack's files: configured folder, cache, mirror, public address, in this order.</summary>
/// <remarks>
/// Every file is verified by its SHA-256 before it is used, wherever it comes from. What a mirror or a public address gives
/// is written to a temporary file in the cache, verified, flushed to the disk and then renamed, so that a file under its
/// own name is whole, and any number of processes may share a cache.
/// </remarks>
/// <param name="options">Where to look.</param>
/// <param name="http">For the public addresses.</param>
/// <param name="time">For the progress messages.</param>
/// <param name="logger">Tells the operator what is going on.</param>
public sealed partial class ModelStore(ModelStoreOptions options, HttpClient http, TimeProvider time, ILogger<ModelStore> logger)
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    /// <summary>Obtains and verifies every file of the pack.</summary>
    /// <param name="ct">Ends the wait; what was downloaded in part is removed.</param>
    /// <exception cref="ModelPackUnavailableException">The pack is unknown, or a file could not be had anywhere.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public Task<InstalledPack> ObtainAsync(CancellationToken ct)
    {
        var pack = ModelPack.Find(options.Pack) ?? throw new ModelPackUnavailableException(
            $"There is no model pack '{options.Pack}'. This build knows: {string.Join(", ", ModelPack.All.Select(known => known.Id))}.");
        return InstallAsync(pack, ct);
    }

    internal async Task<InstalledPack> InstallAsync(ModelPack pack, CancellationToken ct)
    {
        var paths = new Dictionary<ModelRole, string>();
        foreach (var file in pack.Files)
            paths[file.Role] = await PlaceAsync(pack, file, ct);
        LogPackReady(pack.Id);
        return new(pack, paths);
    }

    private async Task<string> PlaceAsync(ModelPack pack, ModelFile file, CancellationToken ct)
    {
        var tried = new List<string>();
        var cached = Path.Combine(options.Cache, pack.Id, file.Name);
        try
        {
            return await FromFolderAsync(pack, file, tried, ct)
                ?? await FromCacheAsync(file, cached, tried, ct)
                ?? await FromMirrorAsync(pack, file, cached, tried, ct)
                ?? await FromSourceAsync(file, cached, tried, ct)
                ?? throw new ModelPackUnavailableException(Explain(pack, file, tried));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            tried.Add($"cache: {cached} cannot be written: {failure.Message}");
            throw new ModelPackUnavailableException(Explain(pack, file, tried), failure);
        }
    }

    private async Task<string?> FromFolderAsync(ModelPack pack, ModelFile file, List<string> tried, CancellationToken ct)
    {
        foreach (var path in PathsUnder(options.Folder, pack, file))
        {
            var fault = await FaultOfAsync(path, file, ct);
            if (fault is null)
                return path;
            tried.Add($"folder: {path} {fault}");
        }

        if (options.Folder is null)
            tried.Add("folder: none is configured");
        return null;
    }

    private async Task<string?> FromCacheAsync(ModelFile file, string cached, List<string> tried, CancellationToken ct)
    {
        var fault = await FaultOfAsync(cached, file, ct);
        if (fault is null)
            return cached;
        tried.Add($"cache: {cached} {fault}");
        if (File.Exists(cached))
        {
            LogRefused(cached, fault);
            File.Delete(cached);
        }

        return null;
    }

    private async Task<string?> FromMirrorAsync(ModelPack pack, ModelFile file, string cached, List<string> tried, CancellationToken ct)
    {
        if (options.Mirror is null)
            tried.Add("mirror: none is configured");
        foreach (var path in PathsUnder(options.Mirror, pack, file))
        {
            var fault = await FaultOfAsync(path, file, ct);
            if (fault is null)
            {
                await using var source = File.OpenRead(path);
                fault = await KeepAsync(source, file, cached, ct);
            }

            if (fault is null)
            {
                LogCopied(file.Name, path);
                return cached;
            }

            tried.Add($"mirror: {path} {fault}");
        }

        return null;
    }

    private async Task<string?> FromSourceAsync(ModelFile file, string cached, List<string> tried, CancellationToken ct)
    {
        if (file.Source is null || !options.AllowDownload)
        {
            tried.Add(file.Source is null ? "public address: this file has none" : "public address: downloads are switched off");
            return null;
        }

        try
        {
            LogDownloading(file.Name, file.Bytes, file.Source);
            using var answer = await http.GetAsync(file.Source, HttpCompletionOption.ResponseHeadersRead, ct);
            if (!answer.IsSuccessStatusCode)
            {
                tried.Add($"public address: {file.Source} answered {(int)answer.StatusCode}");
                return null;
            }

            await using var body = await answer.Content.ReadAsStreamAsync(ct);
            var fault = await KeepAsync(body, file, cached, ct);
            if (fault is null)
                return cached;
            LogRefused(file.Source.ToString(), fault);
            tried.Add($"public address: {file.Source} {fault}");
        }
        catch (Exception failure) when (failure is HttpRequestException or HttpIOException
            || (failure is OperationCanceledException && !ct.IsCancellationRequested))
        {
            tried.Add($"public address: {file.Source} could not be read: {failure.Message}");
        }

        return null;
    }

    private static string[] PathsUnder(string? root, ModelPack pack, ModelFile file) =>
        root is null ? [] : [Path.Combine(root, pack.Id, file.Name), Path.Combine(root, file.Name)];

    /// <summary>Why the file cannot be used, or null when it can.</summary>
    private static async Task<string?> FaultOfAsync(string path, ModelFile file, CancellationToken ct)
    {
        try
        {
            await using var stream = File.OpenRead(path);
            return Fault(file, stream.Length, stream.Length == file.Bytes ? await SHA256.HashDataAsync(stream, ct) : []);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return "does not exist";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {failure.Message}";
        }
    }

    private static string? Fault(ModelFile file, long length, byte[] hash)
    {
        if (length != file.Bytes)
            return $"has {length} bytes where {file.Bytes} are expected";
        var found = Convert.ToHexStringLower(hash);
        return found == file.Sha256 ? null : $"has the SHA-256 {found} where {file.Sha256} is expected";
    }

    /// <summary>Writes a file into the cache if it is the right one; else says why not, and nothing is left of it.</summary>
    private async Task<string?> KeepAsync(Stream source, ModelFile file, string cached, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(cached)!);
        var temporary = $"{cached}.{Path.GetRandomFileName()}";
        try
        {
            string? fault;
            await using (var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, useAsync: true))
            {
                fault = await CopyAsync(source, target, file, ct);
                target.Flush(flushToDisk: true);
            }

            if (fault is null)
                File.Move(temporary, cached, overwrite: true);
            return fault;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task<string?> CopyAsync(Stream source, Stream target, ModelFile file, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[81920];
        var (length, told) = (0L, time.GetTimestamp());
        // One byte more than expected is enough to know that it is another file: an endless answer does not fill the disk.
        while (length <= file.Bytes && await source.ReadAsync(buffer, ct) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), ct);
            length += read;
            if (time.GetElapsedTime(told) < ProgressEvery)
                continue;
            told = time.GetTimestamp();
            LogProgress(file.Name, length, file.Bytes);
        }

        return length > file.Bytes
            ? $"has more than the {file.Bytes} bytes that are expected"
            : Fault(file, length, hash.GetHashAndReset());
    }

    private string Explain(ModelPack pack, ModelFile file, List<string> tried) =>
        $"""
        The file {file.Name} of the model pack '{pack.Id}' could not be obtained. Tried, in this order:
        {string.Join(Environment.NewLine, tried.Select(place => $"  - {place}"))}
        What to do: on a machine that reaches the internet, download {file.Source?.ToString() ?? "the file from its supplier"}
        (SHA-256 {file.Sha256}) and put it at {Path.Combine(options.Mirror ?? "<mirror>", pack.Id, file.Name)}
        with the mirror folder configured, or at {Path.Combine(options.Cache, pack.Id, file.Name)}; then start again.
        """;
}
