namespace Rollcall.Benchmarks;

/// <summary>Times what is repeated. Medians, because the machine is shared with whatever else runs on it.</summary>
internal static class Clock
{
    /// <summary>How many rounds <see cref="Rate"/> makes.</summary>
    public const int Rounds = 4;

    /// <summary>The median milliseconds of an action, after a few runs that do not count.</summary>
    public static double Median(Action action, int runs = 31)
    {
        for (var i = 0; i < 3; i++)
            action();
        var times = new double[runs];
        for (var i = 0; i < runs; i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            action();
            times[i] = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(times);
        return times[runs / 2];
    }

    /// <summary>How often a second an action ends when a thread for each argument repeats it; the best of three rounds.</summary>
    public static double Rate<T>(IReadOnlyList<T> arguments, Action<T> action, int repeats)
    {
        var best = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            var started = TimeProvider.System.GetTimestamp();
            var threads = arguments.Select(argument => new Thread(() =>
            {
                for (var i = 0; i < repeats; i++)
                    action(argument);
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            var rate = repeats * arguments.Count / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            // The first round warms up.
            best = round == 0 ? 0 : Math.Max(best, rate);
        }

        return best;
    }
}
