using System.Collections.Concurrent;
using System.Globalization;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>What a campaign did and found; each complaint is a broken promise.</summary>
internal sealed record ChaosReport(
    IReadOnlyList<(string Fault, int Times)> Faults, IReadOnlyList<string> Missing, int Starts, int FailedStarts, int Jobs, int Items, int Singles,
    long Probes, long Lost, long Busy, IReadOnlyList<string> Complaints);

/// <summary>
/// A server under load to which one thing after the other happens, sometimes two at once: SIGKILL, SIGSTOP, a full disk, a read-only folder,
/// a clock that jumps. Then it is held to its promises: nothing that was acknowledged is lost, nothing is enrolled twice, no good
/// photograph fails for it, every job ends, and what lies in the data folder agrees with itself.
/// </summary>
/// <param name="pace">How long things last and stay away, as a share of the usual.</param>
internal sealed class ChaosCampaign(string folder, string mirror, IReadOnlyList<string> photographs, int seed, Action<string> tell, double pace = 1)
{
    private const string Kill = "SIGKILL";

    /// <summary>Short, so that a pause costs leases.</summary>
    private static readonly string[] Options = ["--Queue:Lease=00:00:04"];

    private static readonly TimeSpan ServingLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(4);

    private readonly Random _random = new(seed);
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly Dictionary<string, int> _times = new(StringComparer.Ordinal);
    private readonly long _start = TimeProvider.System.GetTimestamp();

    /// <param name="duration">At the least: each kind of thing happens once in any case.</param>
    public async Task<ChaosReport> RunAsync(TimeSpan duration)
    {
        using var faults = new ChaosFaults(folder);
        Customer customer;
        await using (var first = await ServerProcess.StartAsync(faults.Data, mirror))
        {
            customer = await Customer.RegisterAsync(first.Address);
            await first.KillAsync();
        }

        await using var server = new Supervisor(faults.Data, mirror, Options, faults.Variables, _complaints);
        using var load = new ChaosLoad(server, customer, photographs, seed, _complaints);
        server.Begin();
        load.Begin();
        await HappenAsync(faults.Of(server), server, duration);
        await load.FinishAsync(EndLimit);
        if (await server.StopAsync() is var code and not 0) _complaints.Enqueue($"the server stopped with {code}");

        var (jobs, items) = await JudgeAsync(faults.Data, customer, load);
        var (lost, busy, probes) = load.Counts;
        return new ChaosReport(
            [.. _times.Select(time => (time.Key, time.Value))], faults.Missing, server.Starts, server.FailedStarts, jobs, items,
            load.Enrolled.Keys.Count(id => id.StartsWith("single", StringComparison.Ordinal)), probes, lost, busy, [.. _complaints]);
    }

    /// <summary>Every kind comes once before any comes again.</summary>
    private async Task HappenAsync(IReadOnlyList<Fault> faults, Supervisor server, TimeSpan duration)
    {
        var deck = faults.ToArray();
        do
        {
            _random.Shuffle(deck);
            foreach (var fault in deck)
            {
                await WaitAsync(1500, 5000);
                await HappenAsync(fault, server);
                await Task.WhenAny(server.ServingAsync(), Task.Delay(ServingLimit, TimeProvider.System));
                if (!server.ServingAsync().IsCompleted) _complaints.Enqueue($"the server did not serve again within {ServingLimit}");
            }
        }
        while (TimeProvider.System.GetElapsedTime(_start) < duration);
    }

    private async Task HappenAsync(Fault fault, Supervisor server)
    {
        var at = TimeProvider.System.GetElapsedTime(_start);
        var isKilled = fault.Holds && _random.Next(3) == 0;
        server.MayRefuseToStart = fault.StopsStarts;
        await fault.BeginAsync();
        if (fault.Holds) await WaitAsync(800, 4000);
        if (isKilled) await server.KillAsync();
        if (fault.Holds) await WaitAsync(500, 4000);
        await fault.EndAsync();
        var lasted = TimeProvider.System.GetElapsedTime(_start) - at;
        Count(fault.Name);
        if (isKilled) Count(Kill);
        tell(string.Create(
            CultureInfo.InvariantCulture, $"{at.TotalSeconds,7:F1} s  {fault.Name}{(fault.Holds ? $" for {lasted.TotalSeconds:F1} s" : "")}{(isKilled ? ", and killed in it" : "")}"));
        // A start that began under it may yet fail for it.
        if (fault.StopsStarts) await WaitAsync(1000, 1001);
        server.MayRefuseToStart = false;
    }

    private void Count(string fault) => _times[fault] = _times.GetValueOrDefault(fault) + 1;

    private async Task<(int Jobs, int Items)> JudgeAsync(string data, Customer customer, ChaosLoad load)
    {
        var complaints = new List<string>();
        var reckoning = new Reckoning(data, customer, complaints);
        var (jobs, items) = (0, 0);
        await using (var server = await ServerProcess.StartAsync(data, mirror))
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            var api = customer.At(http);
            var ended = await reckoning.JudgeJobsAsync(api, load.Accepted.Keys);
            (jobs, items) = (ended.Count, ended.Sum(job => job.Total));

            // What a job says at the end is what it said when it ended.
            var named = new Dictionary<string, string?>(load.Enrolled, StringComparer.Ordinal);
            foreach (var item in ended.SelectMany(job => job.Results ?? []))
            {
                if (named.TryGetValue(item.ExternalId!, out var said) && said != item.FaceId) complaints.Add($"{item.ExternalId} was {said} and is {item.FaceId}");
                named[item.ExternalId!] = item.FaceId;
            }

            await reckoning.JudgeFacesAsync(api, named);
            await server.StopAsync();
        }

        await reckoning.JudgeFolderAsync();
        complaints.ForEach(_complaints.Enqueue);
        return (jobs, items);
    }

    private Task WaitAsync(int leastMilliseconds, int mostMilliseconds) =>
        Task.Delay(TimeSpan.FromMilliseconds(_random.Next(leastMilliseconds, mostMilliseconds) * pace), TimeProvider.System);
}
