using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Rollcall.Server.Organizations;

/// <summary>The addresses and networks that a key is confined to. An IPv4 address is the same in its IPv6 clothes, here and at the caller.</summary>
internal static class AddressList
{
    private const int MappedBits = 96;

    /// <summary>The one way to write an entry; false when it is no address and no network whose host bits are zero.</summary>
    public static bool TryNormalize(string? text, [NotNullWhen(true)] out string? entry)
    {
        entry = null;
        if (text is null || !TryParse(text, out var network)) return false;
        entry = text.Contains('/', StringComparison.Ordinal) ? network.ToString() : network.BaseAddress.ToString();
        return true;
    }

    /// <summary>An address is a network of its own; false when it is neither, or when its host bits are not zero.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? text : text[..slash];

        // The parser also takes 127.1, 0x7f000001, [::1] and fe80::1%eth0; an entry that reads otherwise than it means is refused.
        if (!IPAddress.TryParse(host, out var address) || host.AsSpan().ContainsAny("[]%")) return false;
        if (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != host) return false;
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (slash >= 0)
        {
            if (!IPNetwork.TryParse(text, out network) || !network.BaseAddress.Equals(address)) return false;
            bits = network.PrefixLength;
        }

        if (address.IsIPv4MappedToIPv6 && bits >= MappedBits) (address, bits) = (address.MapToIPv4(), bits - MappedBits);
        network = new IPNetwork(address, bits);
        return true;
    }

    public static bool Contains(IEnumerable<string> entries, IPAddress? address)
    {
        if (address is null) return false;
        var caller = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return entries.Any(entry => TryParse(entry, out var network) && network.Contains(caller));
    }
}
