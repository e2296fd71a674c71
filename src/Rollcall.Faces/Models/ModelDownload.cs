using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace Rollcall.Faces.Models;

/// <summary>One file from its public address into the cache, going on where an earlier try broke off.</summary>
/// <remarks>
/// What has come so far is kept beside the cache's file, under a name with the SHA-256 that it must have in the end. The whole
/// is verified before it is renamed, so that a server that went on with other bytes is found out. A lock in the folder lets
/// one process download at a time: the others wait and then find the file. The lock is the operating system's and dies with
/// its process; its file stays, because a file that is deleted and made again can be locked twice.
/// </remarks>
internal sealed partial class ModelDownload(HttpClient http, TimeSpan readTimeout, int triesInVain, TimeProvider time, ILogger logger)
{
    private const string LockName = "download.lock";
    private const int MostFailures = 5;

    // Another process that fails pauses, too, before it tries again.
    private const int PatienceWithOthers = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    /// <summary>The file that holds what has come so far.</summary>
    public static string PartOf(string cached, ModelFile file) => $"{cached}.{file.Sha256}.part";

    /// <summary>Null when the right file lies in the cache, else why not. What came in part stays for the next time.</summary>
    public async Task<string?> FetchAsync(ModelFile file, string cached, CancellationToken ct)
    {
        var source = file.Source!;
        if (!MayBeAsked(source))
            return "is neither https nor on this machine";

        var folder = Path.GetDirectoryName(cached)!;
        Directory.CreateDirectory(folder);
        using var held = await LockAsync(file, Path.Combine(folder, LockName), PartOf(cached, file), ct);
        // Another process may have been faster.
        if (await FileCheck.FaultOfAsync(cached, file, ct) is null)
            return null;
        var path = PartOf(cached, file);
        string? fault;
        await using (var part = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1, useAsync: true))
        {
            fault = await FetchAsync(file, source, part, ct);
            part.Flush(flushToDisk: true);
        }

        if (fault is null)
            File.Move(path, cached, overwrite: true);
        if (fault is null || new FileInfo(path).Length == 0)
        {
            File.Delete(path);
            File.Delete(TagOf(path));
        }

        return fault;
    }

    private async Task<string?> FetchAsync(ModelFile file, Uri source, FileStream part, CancellationToken ct)
    {
        LogDownloading(file.Name, file.Bytes, source);
        var (failures, most, resumed, again) = (0, part.Length, false, false);
        var came = false;
        while (true)
        {
            resumed |= part.Length > 0;
            var (fault, final) = await AskAsync(file, source, part, ct);
            if (fault is null)
            {
                fault = await FileCheck.FaultOfAsync(part, file, ct);
                if (fault is null)
                    return null;
                LogThrownAway(file.Name, fault);
                part.SetLength(0);
                most = 0;
                // Bytes from two answers may belong to two files; those of one answer will be the same next time, and so will what is put
                // together wrongly a second time.
                final = !resumed || again;
                (resumed, again) = (false, true);
            }

            if (final)
                return fault;
            // A line that breaks off again and again gets there as long as each try brings something.
            came |= part.Length > most;
            failures = part.Length > most ? 1 : failures + 1;
            most = Math.Max(most, part.Length);
            if (failures >= (came ? MostFailures : triesInVain))
                return $"{fault}; given up after {failures} tries without progress";
            var pause = FirstPause * Math.Pow(2, failures - 1);
            LogTryingAgain(file.Name, fault, pause);
            await Task.Delay(pause, time, ct);
        }
    }

    /// <summary>One request. No fault: as many bytes are there as the file has. A final fault is not mended by asking again.</summary>
    private async Task<(string? Fault, bool Final)> AskAsync(ModelFile file, Uri source, FileStream part, CancellationToken ct)
    {
        if (part.Length == file.Bytes)
            return (null, false);
        using var silence = new CancellationTokenSource(readTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, silence.Token);
        try
        {
            using var request = Request(source, part);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (Refusal(file, answer, part) is { } refusal)
                return refusal;
            var tag = answer.Headers.ETag is { IsWeak: false } strong ? strong.Tag : "";
            await File.WriteAllTextAsync(TagOf(part.Name), tag, ct);
            await using var body = await answer.Content.ReadAsStreamAsync(either.Token);
            return await CopyAsync(file, body, part, () => silence.CancelAfter(readTimeout), either.Token);
        }
        catch (HttpRequestException failure)
        {
            return ($"could not be read: {failure.Message}", false);
        }
        catch (OperationCanceledException failure) when (!ct.IsCancellationRequested)
        {
            // The other limit is the client's own, for the connection.
            var silent = silence.IsCancellationRequested;
            return ($"could not be read: {(silent ? $"it was silent for {readTimeout.TotalSeconds:0.#} s" : failure.Message)}", false);
        }
    }

    private HttpRequestMessage Request(Uri source, FileStream part)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, source);
        if (part.Length == 0)
            return request;
        LogResuming(part.Name, part.Length);
        request.Headers.Range = new RangeHeaderValue(part.Length, null);
        if (File.Exists(TagOf(part.Name)) && EntityTagHeaderValue.TryParse(File.ReadAllText(TagOf(part.Name)), out var tag))
            request.Headers.IfRange = new RangeConditionHeaderValue(tag);
        return request;
    }

    /// <summary>Why the answer's body is of no use, or null. Empties the part where the answer starts from the beginning.</summary>
    private static (string, bool)? Refusal(ModelFile file, HttpResponseMessage answer, FileStream part)
    {
        if (answer.RequestMessage?.RequestUri is { } last && !MayBeAsked(last))
            return ($"leads to {last}, which is neither https nor on this machine", true);
        var range = answer.Content.Headers.ContentRange;
        switch (answer.StatusCode)
        {
            case HttpStatusCode.OK:
                part.SetLength(0);
                return answer.Content.Headers.ContentLength is { } length && length != file.Bytes
                    ? ($"has {length} bytes where {file.Bytes} are expected", true)
                    : null;
            case HttpStatusCode.PartialContent when range?.From == part.Length && (range.Length ?? file.Bytes) == file.Bytes:
                return null;
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable:
                // The file has become another, or the server counts otherwise: from the beginning, or not at all.
                var whole = part.Length == 0;
                part.SetLength(0);
                return ($"answered {(int)answer.StatusCode} with the range {range?.ToString() ?? "of nothing"}", whole);
            case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError:
                return ($"answered {(int)answer.StatusCode}", false);
            default:
                return ($"answered {(int)answer.StatusCode}", true);
        }
    }

    private async Task<(string? Fault, bool Final)> CopyAsync(
        ModelFile file, Stream body, FileStream part, Action heard, CancellationToken ct)
    {
        var buffer = new byte[81920];
        var told = time.GetTimestamp();
        part.Seek(0, SeekOrigin.End);
        while (await ReadAsync(body, buffer, ct) is > 0 and var read)
        {
            heard();
            // One byte more than expected is enough to know that it is another file: an endless answer does not fill the disk.
            if (part.Length + read > file.Bytes)
            {
                part.SetLength(0);
                return ($"has more than the {file.Bytes} bytes that are expected", true);
            }

            await part.WriteAsync(buffer.AsMemory(0, read), ct);
            if (time.GetElapsedTime(told) < ProgressEvery)
                continue;
            told = time.GetTimestamp();
            LogProgress(file.Name, part.Length, file.Bytes);
        }

        return part.Length == file.Bytes ? (null, false) : ($"broke off at {part.Length} of {file.Bytes} bytes", false);
    }

    /// <summary>A line that fails is to be told from a disk that does.</summary>
    private static async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken ct)
    {
        try
        {
            return await body.ReadAsync(buffer, ct);
        }
        catch (IOException failure)
        {
            throw new HttpRequestException(failure.Message, failure);
        }
    }

    /// <summary>Waits until no other process downloads here, as long as what it downloads grows.</summary>
    private async Task<FileStream> LockAsync(ModelFile file, string path, string part, CancellationToken ct)
    {
        var (seen, since) = (-1L, time.GetTimestamp());
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path) && time.GetElapsedTime(since) < PatienceWithOthers * readTimeout)
            {
                if (seen == -1)
                    LogWaiting(file.Name);
                var length = new FileInfo(part) is { Exists: true } there ? there.Length : 0;
                if (length != seen)
                    (seen, since) = (length, time.GetTimestamp());
                await Task.Delay(LockPoll, time, ct);
            }
        }
    }

    private static string TagOf(string part) => $"{part}.etag";

    private static bool MayBeAsked(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);
}
