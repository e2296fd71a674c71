namespace Rollcall.Benchmarks.Model;

/// <summary>What came of schedules; a failure is the smallest that was found, with what was done in it.</summary>
internal sealed record ModelReport(int Schedules, int Deeds, string? Failure);

/// <summary>Schedules by their numbers, in turn or at once, until one fails: it is made smaller then, for as long as it still fails and there is time.</summary>
internal sealed class ModelCampaign(Stores stores, TimeSpan shrinkFor)
{
    // Who came first differs from time to time.
    private const int TriesAtOnce = 20;

    private int _deeds;

    public async Task<ModelReport> RunAsync(IEnumerable<long> seeds, bool atOnce)
    {
        var schedules = 0;
        foreach (var seed in seeds)
        {
            schedules++;
            var schedule = ModelCase.Of(seed);
            if (await FailureOfAsync(schedule, atOnce, tries: 1) is not { } failure) continue;

            var (smallest, why) = await ShrinkAsync(schedule, failure, atOnce);
            return new ModelReport(schedules, _deeds, $"seed {seed}, {(atOnce ? "at once" : "in turn")}:\n{smallest}\n\n{why}");
        }

        return new ModelReport(schedules, _deeds, null);
    }

    private async Task<(ModelCase Smallest, string Failure)> ShrinkAsync(ModelCase schedule, string failure, bool atOnce)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var size = schedule.Turns.Count / 2; size > 0; size /= 2)
        {
            for (var at = 0; at + size <= schedule.Turns.Count && TimeProvider.System.GetElapsedTime(start) < shrinkFor;)
            {
                var smaller = schedule with { Turns = [.. schedule.Turns.Take(at), .. schedule.Turns.Skip(at + size)] };
                if (await FailureOfAsync(smaller, atOnce, atOnce ? TriesAtOnce : 1) is { } still) (schedule, failure) = (smaller, still);
                else at += size;
            }
        }

        return (schedule, failure);
    }

    private async Task<string?> FailureOfAsync(ModelCase schedule, bool atOnce, int tries)
    {
        for (var attempt = 0; attempt < tries; attempt++)
        {
            var run = await ModelRun.BeginAsync(stores, schedule.IsCrowded);
            try
            {
                await (atOnce ? run.AtOnceAsync(schedule) : run.InTurnAsync(schedule));
            }
            catch (Exception e) // whatever a store throws is a failure of the schedule
            {
                return $"{(e is Complaint ? e.Message : e)}\n\nwhat was done:\n{string.Join('\n', run.Trace)}";
            }

            _deeds += run.Trace.Count;
        }

        return null;
    }
}
