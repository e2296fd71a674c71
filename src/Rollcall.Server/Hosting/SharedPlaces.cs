using System.Runtime.InteropServices;

namespace Rollcall.Server.Hosting;

/// <summary>So many places for all organizations together, of which one alone gets no more than its share.</summary>
internal sealed class SharedPlaces(int all, int ofOne)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);
    private int _free = all;

    public bool TryEnter(string organizationId, int places = 1)
    {
        lock (_lock)
        {
            if (_free < places || _taken.GetValueOrDefault(organizationId) + places > ofOne) return false;
            CollectionsMarshal.GetValueRefOrAddDefault(_taken, organizationId, out _) += places;
            _free -= places;
            return true;
        }
    }

    public void Leave(string organizationId, int places = 1)
    {
        lock (_lock)
        {
            _free += places;
            if ((CollectionsMarshal.GetValueRefOrAddDefault(_taken, organizationId, out _) -= places) == 0) _taken.Remove(organizationId);
        }
    }
}
