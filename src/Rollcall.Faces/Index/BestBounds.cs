namespace Rollcall.Faces.Index;

/// <summary>The best lower bounds of a search so far, one for each key. Small, and seldom changed: a list will do.</summary>
internal sealed class BestBounds(int capacity)
{
    private readonly List<(long Key, float Lower)> _entries = [];

    /// <summary>The least of them once there are as many as asked for; nothing below it can be in the answer.</summary>
    public float Least { get; private set; } = float.NegativeInfinity;

    public void Offer(long key, float lower)
    {
        if (lower <= Least)
            return;
        var known = _entries.FindIndex(entry => entry.Key == key);
        if (known >= 0)
            _entries[known] = (key, Math.Max(lower, _entries[known].Lower));
        else if (_entries.Count < capacity)
            _entries.Add((key, lower));
        else
            _entries[_entries.FindIndex(entry => entry.Lower == Least)] = (key, lower);

        if (_entries.Count == capacity)
            Least = _entries.Min(entry => entry.Lower);
    }
}
