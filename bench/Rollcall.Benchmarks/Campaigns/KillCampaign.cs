using System.Collections.Concurrent;
using Dapper;
using Microsoft.Data.Sqlite;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>What a campaign found; each complaint is a broken promise.</summary>
/// <param name="KilledAtWork">How many of the kills left items that were not final yet.</param>
internal sealed record KillReport(
    int Kills, int KilledAtWork, int KilledInUpload, int KilledAfterAccept, int Accepted, int Jobs, int Items, IReadOnlyList<string> Complaints);

/// <summary>
/// Kills the server with SIGKILL while it works through jobs, in the middle of an upload and right after a 202, and then holds it to
/// its promise: each accepted job ends, each item is final once with one face, none fails for the kill's sake.
/// </summary>
internal sealed class KillCampaign(string data, string mirror, IReadOnlyList<string> photographs, int seed)
{
    private const int ImagesPerJob = 50;
    private static readonly BatchOptions Gates = new() { MultipleFaces = MultipleFaces.Largest, MinQuality = 0 };

    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<string, bool> _accepted = new(StringComparer.Ordinal);
    private readonly List<(string Key, List<BatchEntry> Entries, string? JobId)> _repeats = [];
    private readonly List<string> _complaints = [];
    private int _job;

    public async Task<KillReport> RunAsync(int kills)
    {
        var (atWork, inUpload, afterAccept) = (0, 0, 0);
        Customer customer;
        await using (var first = await ServerProcess.StartAsync(data, mirror))
        {
            customer = await Customer.RegisterAsync(first.Address);
            await first.KillAsync();
        }

        for (var i = 0; i < kills; i++)
        {
            await using var server = await ServerProcess.StartAsync(data, mirror);
            using var http = new HttpClient { BaseAddress = server.Address };
            var api = customer.At(http);
            await RepeatAsync(api, customer);
            switch (i % 3)
            {
                case 0:
                    await Task.WhenAll(SubmitAsync(api, customer), SubmitAsync(api, customer), SubmitAsync(api, customer));
                    await MomentAsync(400);
                    await server.KillAsync();
                    break;
                case 1:
                    var halves = new HalfwaySignal();
                    var upload = TrySubmitAsync(api, customer, halves);
                    await halves.Reached;
                    await server.KillAsync();
                    await upload;
                    inUpload++;
                    break;
                default:
                    var entries = NextJob(null);
                    var key = Guid.NewGuid().ToString();
                    var accepted = await api.SubmitBatchAsync(customer.Collection, entries, Gates with { IdempotencyKey = key });
                    await server.KillAsync();
                    _accepted[accepted.JobId] = true;
                    _repeats.Add((key, entries, accepted.JobId));
                    afterAccept++;
                    break;
            }

            if (await OpenItemsAsync() > 0) atWork++;
        }

        return (await JudgeAsync(customer)) with { Kills = kills, KilledAtWork = atWork, KilledInUpload = inUpload, KilledAfterAccept = afterAccept };
    }

    private async Task<KillReport> JudgeAsync(Customer customer)
    {
        var complaints = _complaints;
        var jobs = new List<BatchJob>();
        await using (var server = await ServerProcess.StartAsync(data, mirror))
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            var api = customer.At(http);
            await RepeatAsync(api, customer);
            foreach (var id in await JobsAsync(api, customer))
                jobs.Add(await api.WaitForCompletionAsync(BatchAddress.InOrganization(customer.Organization, id)));

            complaints.AddRange(_accepted.Keys.Except(jobs.Select(job => job.JobId)).Select(id => $"{id} was accepted and is lost"));
            foreach (var job in jobs) complaints.AddRange(Judge(job));
            await JudgeFacesAsync(api, customer, jobs, complaints);
            if (await server.StopAsync() is var code and not 0) complaints.Add($"the server stopped with {code}:\n{server.Output}");
        }

        await JudgeFolderAsync(complaints);
        return new KillReport(0, 0, 0, 0, _accepted.Count, jobs.Count, jobs.Sum(job => job.Total), complaints);
    }

    private static IEnumerable<string> Judge(BatchJob job)
    {
        if (job.Status != JobStatus.Done) yield return $"{job.JobId} ended {job.Status}: {job.Error?.Message}";
        if (job.Processed != job.Total || job.Succeeded + job.Failed != job.Processed || job.Results!.Count != job.Total)
            yield return $"{job.JobId} does not add up: {job.Total} {job.Processed} {job.Succeeded} {job.Failed} {job.Results!.Count}";
        foreach (var item in job.Results!.Where(item => item.Outcome != ItemOutcome.Enrolled))
            yield return $"{job.JobId} item {item.Index} ended {item.Outcome} {item.Error?.Code}";
    }

    /// <summary>Each item has an external id of its own, so each must have exactly one face, the one that its item names.</summary>
    private static async Task JudgeFacesAsync(RollcallClient api, Customer customer, List<BatchJob> jobs, List<string> complaints)
    {
        var faces = new List<Face>();
        string? cursor = null;
        do
        {
            var page = await api.ListFacesAsync(customer.Collection, limit: 200, cursor: cursor);
            faces.AddRange(page.Faces);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        var named = jobs.SelectMany(job => job.Results!).ToDictionary(item => item.ExternalId!, item => item.FaceId, StringComparer.Ordinal);
        foreach (var person in faces.GroupBy(face => face.ExternalId).Where(person => person.Count() != 1)) complaints.Add($"{person.Key} has {person.Count()} faces");
        complaints.AddRange(faces.Where(face => named.GetValueOrDefault(face.ExternalId) != face.FaceId).Select(face => $"{face.FaceId} belongs to no item"));
        complaints.AddRange(named.Keys.Except(faces.Select(face => face.ExternalId)).Select(id => $"{id} has no face"));
        var collection = await api.GetCollectionAsync(customer.Collection);
        if (collection.FaceCount != faces.Count || collection.PersonCount != faces.Count)
            complaints.Add($"the collection counts {collection.FaceCount} faces and {collection.PersonCount} people of {faces.Count}");
    }

    /// <summary>The start sweeps: no blob without a row, no row without its blob, no work left, and a sound file.</summary>
    private async Task JudgeFolderAsync(List<string> complaints)
    {
        await using var database = new SqliteConnection($"Data Source={Path.Combine(data, "rollcall.db")};Pooling=False");
        if (await database.ExecuteScalarAsync<string>("PRAGMA integrity_check") is var sound && sound != "ok") complaints.Add($"integrity_check: {sound}");
        if (await database.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM work") is var work && work != 0) complaints.Add($"{work} rows of work are left");

        var root = Path.Combine(data, "blobs");
        var blobs = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path).Replace('\\', '/')).ToHashSet(StringComparer.Ordinal);
        var rows = (await database.QueryAsync<string>("SELECT blob FROM job_item WHERE blob IS NOT NULL")).ToHashSet(StringComparer.Ordinal);
        complaints.AddRange(blobs.Except(rows).Select(blob => $"blob {blob} has no row"));
        complaints.AddRange(rows.Except(blobs).Select(blob => $"the row of {blob} has no blob"));
    }

    private async Task<long> OpenItemsAsync()
    {
        await using var database = new SqliteConnection($"Data Source={Path.Combine(data, "rollcall.db")};Pooling=False");
        return await database.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM work");
    }

    private static async Task<List<string>> JobsAsync(RollcallClient api, Customer customer)
    {
        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = await api.ListBatchesAsync(customer.Organization, limit: 200, cursor: cursor);
            ids.AddRange(page.Jobs.Select(job => job.JobId));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return ids;
    }

    private async Task SubmitAsync(RollcallClient api, Customer customer)
    {
        var accepted = await api.SubmitBatchAsync(customer.Collection, NextJob(null), Gates);
        _accepted[accepted.JobId] = true;
    }

    /// <summary>An upload during which the server dies: it may have been accepted, and nobody has been told.</summary>
    private async Task TrySubmitAsync(RollcallClient api, Customer customer, HalfwaySignal halfway)
    {
        var entries = NextJob(halfway);
        var key = Guid.NewGuid().ToString();
        string? job = null;
        try
        {
            job = (await api.SubmitBatchAsync(customer.Collection, entries, Gates with { IdempotencyKey = key })).JobId;
            _accepted[job] = true;
        }
        catch (HttpRequestException)
        {
            // The connection died with the server.
        }

        _repeats.Add((key, entries, job));
    }

    /// <summary>What a careful customer does after an outage: the same again, under the same key. It makes one job, never two.</summary>
    private async Task RepeatAsync(RollcallClient api, Customer customer)
    {
        foreach (var (key, entries, job) in _repeats)
        {
            var accepted = await api.SubmitBatchAsync(customer.Collection, entries, Gates with { IdempotencyKey = key });
            _accepted[accepted.JobId] = true;
            if (job is not null && accepted.JobId != job) _complaints.Add($"key {key} made the job {job} and then {accepted.JobId}");
        }

        _repeats.Clear();
    }

    private List<BatchEntry> NextJob(HalfwaySignal? halfway)
    {
        var number = _job++;
        var entries = new List<BatchEntry>();
        for (var i = 0; i < ImagesPerJob; i++)
        {
            var photograph = photographs[_random.Next(photographs.Count)];
            var at = i;
            var image = new ImageFile(Path.GetFileName(photograph), async ct =>
            {
                if (halfway is not null && at == ImagesPerJob / 2) await halfway.ReachAsync(ct);
                return File.OpenRead(photograph);
            });
            entries.Add(new BatchEntry($"job{number}-{i}", image));
        }

        return entries;
    }

    private Task MomentAsync(int atMostMilliseconds) => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(atMostMilliseconds)), TimeProvider.System);

    /// <summary>Holds an upload in its middle until the server is dead.</summary>
    private sealed class HalfwaySignal
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public async Task ReachAsync(CancellationToken ct)
        {
            _reached.TrySetResult();
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, ct);
        }
    }
}
