using Microsoft.Extensions.Time.Testing;

namespace Rollcall.Client.Tests;

/// <summary>A clock on which every wait is over as soon as it begins, and which remembers how long each was.</summary>
internal sealed class EagerTime : FakeTimeProvider
{
    public List<TimeSpan> Waits { get; } = [];

    /// <summary>Limits of this length are not reached, and not remembered.</summary>
    public TimeSpan? Limit { get; init; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Limit) return base.CreateTimer(callback, state, dueTime, period);
        Waits.Add(dueTime);
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Advance(dueTime);
        return timer;
    }
}
