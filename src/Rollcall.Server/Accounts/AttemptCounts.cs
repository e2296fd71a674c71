namespace Rollcall.Server.Accounts;

/// <summary>
/// Attempts of each key against a limit, by the generic cell rate algorithm: one moment a key, at which all of its attempts are its own
/// again. What was tried least has the earliest, so a flood of made-up keys makes itself forgotten, not who is being guessed at.
/// </summary>
internal sealed class AttemptCounts(ThrottleLimit limit, int most)
{
    private readonly Moments _freshAt = new(most);

    public int Count => _freshAt.Count;

    /// <summary>How long the key has to wait for its next attempt; zero: not at all.</summary>
    public TimeSpan WaitOf(UInt128 key, TimeSpan now)
    {
        var wait = _freshAt.LaterOf(key, now) - now - ((limit.Attempts - 1) * limit.Interval);
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    public void Take(UInt128 key, TimeSpan now) => _freshAt.Set(key, _freshAt.LaterOf(key, now) + limit.Interval);

    public void GiveBack(UInt128 key, TimeSpan now) => _freshAt.Set(key, _freshAt.LaterOf(key, now) - limit.Interval);

    public void Forget(UInt128 key) => _freshAt.Forget(key);
}
