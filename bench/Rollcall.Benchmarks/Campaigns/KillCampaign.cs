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
        var reckoning = new Reckoning(data, customer, _complaints);
        IReadOnlyList<BatchJob> jobs;
        await using (var server = await ServerProcess.StartAsync(data, mirror))
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            var api = customer.At(http);
            await RepeatAsync(api, customer);
            jobs = await reckoning.JudgeJobsAsync(api, _accepted.Keys);
            await reckoning.JudgeFacesAsync(api, jobs.SelectMany(job => job.Results!).ToDictionary(item => item.ExternalId!, item => item.FaceId, StringComparer.Ordinal));
            if (await server.StopAsync() is var code and not 0) _complaints.Add($"the server stopped with {code}:\n{server.Output}");
        }

        await reckoning.JudgeFolderAsync();
        return new KillReport(0, 0, 0, 0, _accepted.Count, jobs.Count, jobs.Sum(job => job.Total), _complaints);
    }

    private async Task<long> OpenItemsAsync()
    {
        await using var database = new SqliteConnection($"Data Source={Path.Combine(data, "rollcall.db")};Pooling=False");
        return await database.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM work");
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
