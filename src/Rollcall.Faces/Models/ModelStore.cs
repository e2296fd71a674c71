using Microsoft.Extensions.Logging;

namespace Rollcall.Faces.Models;

/// <summary>
/// Obtains a pack's files: configured folder, cache, mirror, public address, in this order; those of a built-in pack lie beside the program.
/// </summary>
/// <remarks>
/// Every file is verified by its SHA-256 before it is used, wherever it comes from. What a mirror or a public address gives
/// is written under another name in the cache, verified, flushed to the disk and then renamed, so that a file under its
/// own name is whole, and any number of processes may share a cache.
/// </remarks>
/// <param name="options">Where to look.</param>
/// <param name="http">For the public addresses; without a time limit of its own, since one for a whole file cuts off slow lines.</param>
/// <param name="time">For time limits and pauses.</param>
/// <param name="logger">Tells the operator what is going on.</param>
public sealed partial class ModelStore(ModelStoreOptions options, HttpClient http, TimeProvider time, ILogger<ModelStore> logger)
{
    /// <summary>
    /// Obtains and verifies every file that the pack cannot do without, and of the others those that can be had at no cost: from a place on
    /// this machine, or in a start that fetches the rest, too. A start with a cache or mirror of an earlier version must neither fail
    /// nor wait for a network.
    /// </summary>
    /// <param name="pack">The pack.</param>
    /// <param name="ct">Ends the wait; what was downloaded in part is kept, and the next time goes on from there.</param>
    /// <exception cref="ModelPackUnavailableException">A file could not be had anywhere.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public async Task<InstalledPack> ObtainAsync(ModelPack pack, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(pack);
        var files = new List<(ModelFile, string)>();
        var fetches = false;
        foreach (var file in pack.Files.Where(pack.Needs))
        {
            var (path, isFetched) = await LocateAsync(pack, file, mayFetch: true, ct);
            files.Add((file, path));
            fetches |= isFetched;
        }

        foreach (var file in pack.Files.Where(file => !pack.Needs(file)))
        {
            try
            {
                files.Add((file, (await LocateAsync(pack, file, fetches, ct)).Path));
            }
            catch (ModelPackUnavailableException)
            {
                LogWithout(pack.Id, file.Name);
            }
        }

        LogPackReady(pack.Id);
        if (pack.Caveat is not null)
            LogCaveat(pack.Id, pack.Caveat);
        return new(pack, files);
    }

    /// <summary>Obtains and verifies one file of a pack, needed or not; where it lies.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="file">One of its files.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ModelPackUnavailableException">The file could not be had anywhere.</exception>
    public async Task<string> ObtainFileAsync(ModelPack pack, ModelFile file, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(pack);
        ArgumentNullException.ThrowIfNull(file);
        return (await LocateAsync(pack, file, mayFetch: true, ct)).Path;
    }

    private async Task<(string Path, bool IsFetched)> LocateAsync(ModelPack pack, ModelFile file, bool mayFetch, CancellationToken ct)
    {
        var tried = new List<string>();
        if (pack.BuiltIn)
            return (await FromProgramAsync(pack, file, ct), false);
        var cached = Path.Combine(options.Cache, pack.Id, file.Name);
        try
        {
            if ((await FromFolderAsync(pack, file, tried, ct)
                ?? await FromCacheAsync(file, cached, tried, ct)
                ?? await FromMirrorAsync(pack, file, cached, tried, ct)) is { } here)
            {
                return (here, false);
            }

            return mayFetch && await FromSourceAsync(file, cached, tried, ct) is { } fetched
                ? (fetched, true)
                : throw new ModelPackUnavailableException(Explain(pack, file, tried), tried);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            tried.Add($"cache: {cached} cannot be written: {failure.Message}");
            throw new ModelPackUnavailableException(Explain(pack, file, tried), tried, failure);
        }
    }

    private static async Task<string> FromProgramAsync(ModelPack pack, ModelFile file, CancellationToken ct)
    {
        var path = PathInProgram(file);
        return await FileCheck.FaultOfAsync(path, file, ct) is not { } fault
            ? path
            : throw new ModelPackUnavailableException(
                $"The file {file.Name} of the built-in model pack '{pack.Id}' is a part of the program, and {path} {fault}. Build or install the program anew.",
                [$"program: {path} {fault}"]);
    }

    private async Task<string?> FromFolderAsync(ModelPack pack, ModelFile file, List<string> tried, CancellationToken ct)
    {
        foreach (var path in PathsUnder(options.Folder, pack, file))
        {
            var fault = await FileCheck.FaultOfAsync(path, file, ct);
            if (fault is null)
                return path;
            Refuse("folder", path, fault, tried);
        }

        if (options.Folder is null)
            tried.Add("folder: none is configured");
        return null;
    }

    private async Task<string?> FromCacheAsync(ModelFile file, string cached, List<string> tried, CancellationToken ct)
    {
        var fault = await FileCheck.FaultOfAsync(cached, file, ct);
        if (fault is null)
            return cached;
        Refuse("cache", cached, fault, tried);
        return null;
    }

    private async Task<string?> FromMirrorAsync(ModelPack pack, ModelFile file, string cached, List<string> tried, CancellationToken ct)
    {
        if (options.Mirror is null)
            tried.Add("mirror: none is configured");
        foreach (var path in PathsUnder(options.Mirror, pack, file))
        {
            var fault = await FileCheck.FaultOfAsync(path, file, ct);
            fault ??= await CopyAsync(path, file, cached, ct);
            if (fault is null)
            {
                LogCopied(file.Name, path);
                return cached;
            }

            Refuse("mirror", path, fault, tried);
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

        if (await new ModelDownload(http, options.ReadTimeout, options.TriesInVain, time, logger).FetchAsync(file, cached, ct) is not { } fault)
            return cached;
        Refuse("public address", file.Source.ToString(), fault, tried);
        return null;
    }

    /// <summary>What is not there is told when nothing else is either; what is there and wrong, at once.</summary>
    private void Refuse(string kind, string place, string fault, List<string> tried)
    {
        tried.Add($"{kind}: {place} {fault}");
        if (fault != FileCheck.Missing)
            LogRefused(place, fault);
    }

    /// <summary>Every copy of a file in the configured folder, the cache and the mirror, in this order. Changes nothing.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="file">One of its files.</param>
    /// <param name="ct">Ends the look.</param>
    public async Task<IReadOnlyList<ModelCopy>> LookAsync(ModelPack pack, ModelFile file, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(pack);
        ArgumentNullException.ThrowIfNull(file);
        var copies = new List<ModelCopy>();
        string[] places = pack.BuiltIn ? [PathInProgram(file)] :
        [
            .. PathsUnder(options.Folder, pack, file), Path.Combine(options.Cache, pack.Id, file.Name), .. PathsUnder(options.Mirror, pack, file),
        ];
        foreach (var path in places.Distinct())
        {
            if (await FileCheck.FaultOfAsync(path, file, ct) is var fault and not FileCheck.Missing)
                copies.Add(new(path, fault));
        }

        return copies;
    }

    private static string PathInProgram(ModelFile file) => Path.Combine(AppContext.BaseDirectory, "built-in", file.Name);

    private static string[] PathsUnder(string? root, ModelPack pack, ModelFile file) =>
        root is null ? [] : [Path.Combine(root, pack.Id, file.Name), Path.Combine(root, file.Name)];

    /// <summary>Copies a file into the cache if it is the right one; else says why not, and nothing is left of it.</summary>
    private static async Task<string?> CopyAsync(string path, ModelFile file, string cached, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(cached)!);
        var temporary = $"{cached}.{Path.GetRandomFileName()}";
        try
        {
            await using (var source = File.OpenRead(path))
            await using (var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, useAsync: true))
            {
                await source.CopyToAsync(target, ct);
                target.Flush(flushToDisk: true);
            }

            // The mirror may have changed between the look at it and the copy.
            var fault = await FileCheck.FaultOfAsync(temporary, file, ct);
            if (fault is null)
                File.Move(temporary, cached, overwrite: true);
            return fault;
        }
        finally
        {
            File.Delete(temporary);
        }
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
