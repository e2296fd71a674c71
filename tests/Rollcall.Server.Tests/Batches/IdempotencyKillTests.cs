using Rollcall.Benchmarks.Campaigns;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Tests.Batches;

/// <summary>Two submissions with the same key, and a SIGKILL somewhere in between, of a real process.</summary>
public sealed class IdempotencyKillTests
{
    private const int Kills = 10;
    private const int Images = 20;

    [Fact]
    public async Task Killed_during_two_submissions_with_one_key_there_is_one_job_or_none_and_after_a_repeat_one()
    {
        using var folder = new TestFolder();
        var photograph = Assets.Lfw("Colin_Powell");
        var random = new Random(20261125);
        var jobs = new Dictionary<string, string>(StringComparer.Ordinal); // the job of each key, once somebody was told
        var told = 0;
        Customer customer;
        TimeSpan undisturbed;
        await using (var first = await ServerProcess.StartAsync(folder.Path, Assets.Models))
        {
            customer = await Customer.RegisterAsync(first.Address);
            using var calm = new HttpClient { BaseAddress = first.Address };
            var start = TimeProvider.System.GetTimestamp();
            jobs["undisturbed"] = await SubmitAsync(customer.At(calm), "undisturbed") ?? throw new InvalidOperationException("Nobody killed it.");
            undisturbed = TimeProvider.System.GetElapsedTime(start);
        }

        for (var kill = 0; kill < Kills; kill++)
        {
            await using var server = await ServerProcess.StartAsync(folder.Path, Assets.Models);
            using var http = new HttpClient { BaseAddress = server.Address };
            var api = customer.At(http);
            if (kill > 0) await RepeatAsync(api, $"kill {kill - 1}");

            var two = Task.WhenAll(SubmitAsync(api, $"kill {kill}"), SubmitAsync(api, $"kill {kill}"));
            await Task.Delay(undisturbed * (random.NextDouble() * 1.5), TimeProvider.System);
            await server.KillAsync();
            var answers = (await two).OfType<string>().Distinct().ToList();

            Assert.True(answers.Count <= 1, "Two answers name two jobs.");
            if (answers is not [var job]) continue;
            jobs[$"kill {kill}"] = job;
            told++;
        }

        await using var last = await ServerProcess.StartAsync(folder.Path, Assets.Models);
        using var again = new HttpClient { BaseAddress = last.Address };
        var end = customer.At(again);
        await RepeatAsync(end, $"kill {Kills - 1}");
        var listed = (await end.ListBatchesAsync(customer.Organization, limit: 200)).Jobs.Select(job => job.JobId).Order(StringComparer.Ordinal);
        Assert.Equal(jobs.Values.Order(StringComparer.Ordinal), listed);
        Assert.InRange(told, 0, Kills - 1); // at least one kill came before the answer

        async Task RepeatAsync(RollcallClient api, string key)
        {
            var job = await SubmitAsync(api, key) ?? throw new InvalidOperationException("Nobody killed it.");
            Assert.Equal(jobs.GetValueOrDefault(key, job), job);
            jobs[key] = job;
        }

        async Task<string?> SubmitAsync(RollcallClient api, string key)
        {
            try
            {
                var entries = Enumerable.Range(0, Images).Select(i => new BatchEntry($"{key} {i}", ImageFile.FromPath(photograph))).ToList();
                return (await api.SubmitBatchAsync(customer.Collection, entries, new BatchOptions { IdempotencyKey = key })).JobId;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or RollcallException { Code: ErrorCodes.IdempotencyKeyInUse })
            {
                return null; // the connection died with the server, or the other one was first
            }
        }
    }
}
