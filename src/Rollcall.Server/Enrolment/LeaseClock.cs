using Rollcall.Server.Hosting;

namespace Rollcall.Server.Enrolment;

/// <summary>The time that judges leases where the database has no clock of its own: anchored once, then carried on by the monotonic clock,
/// so that setting the machine's clock neither ends all leases at once nor keeps them for ever.</summary>
internal sealed class LeaseClock(TimeProvider time)
{
    private readonly long _anchor = time.Now();
    private readonly long _start = time.GetTimestamp();

    public long Now => _anchor + (long)time.GetElapsedTime(_start).TotalMilliseconds;
}
