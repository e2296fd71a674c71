using Microsoft.Extensions.Options;

namespace Rollcall.Server.Enrolment;

/// <summary>What an item takes, as this process has seen it lately, and so how long a line of them will take.</summary>
internal sealed class Throughput(IOptions<QueueOptions> options)
{
    private const double Weight = 0.1; // the last ten items or so decide

    private readonly Lock _lock = new();
    private double _secondsEach = 0.1; // until the first is done

    public void Add(TimeSpan item)
    {
        lock (_lock) _secondsEach += Weight * (item.TotalSeconds - _secondsEach);
    }

    /// <summary>Whole seconds, at least one.</summary>
    public int SecondsFor(long items)
    {
        lock (_lock) return (int)Math.Clamp(Math.Ceiling(items * _secondsEach / options.Value.Workers), 1, int.MaxValue);
    }
}
