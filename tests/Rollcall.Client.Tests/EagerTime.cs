using Microsoft.Extensions.Time.Testing;

namespace Rollcall.Client.Tests;

/// <summary>A clock on which every wait is over as soon as it begins, and which remembers how long each was.</summary>
internal sealed class EagerTime : FakeTimeProvider
{
    public List<TimeSpan> Waits { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits.Add(dueTime);
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Advance(dueTime);
        return timer;
    }
}
