namespace Rollcall.Server.Accounts;

/// <summary>A moment for each of many keys, in bounded memory: when there are too many, the earliest moments are forgotten.</summary>
internal sealed class Moments(int most)
{
    private readonly Dictionary<UInt128, TimeSpan> _moments = [];

    public int Count => _moments.Count;

    /// <summary>The key's moment, or the given one where there is none or it is past.</summary>
    public TimeSpan LaterOf(UInt128 key, TimeSpan now) => _moments.TryGetValue(key, out var moment) && moment > now ? moment : now;

    public void Set(UInt128 key, TimeSpan moment)
    {
        if (_moments.Count >= most && !_moments.ContainsKey(key)) MakeRoom();
        _moments[key] = moment;
    }

    public void Forget(UInt128 key) => _moments.Remove(key);

    /// <summary>A tenth at a time, so that a flood does not sort for each key.</summary>
    private void MakeRoom()
    {
        foreach (var key in _moments.OrderBy(entry => entry.Value).Take((most / 10) + 1).Select(entry => entry.Key).ToList()) _moments.Remove(key);
    }
}
