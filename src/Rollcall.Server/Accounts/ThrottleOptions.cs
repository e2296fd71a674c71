using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Rollcall.Server.Accounts;

/// <summary>How often strangers may try, in docs/adr/0008 with the reasons.</summary>
internal sealed class ThrottleOptions
{
    /// <summary>Logins from one address (IPv6: one /64), whoever they are for; a success gives nothing back.</summary>
    [ValidateObjectMembers]
    public ThrottleLimit Address { get; } = new() { Attempts = 60, Interval = TimeSpan.FromSeconds(6) };

    /// <summary>Logins to one account from one address.</summary>
    [ValidateObjectMembers]
    public ThrottleLimit AccountFromAddress { get; } = new() { Attempts = 10, Interval = TimeSpan.FromMinutes(1) };

    /// <summary>Logins to one account from all addresses together, but for those from which its owner has logged in.</summary>
    [ValidateObjectMembers]
    public ThrottleLimit Account { get; } = new() { Attempts = 100, Interval = TimeSpan.FromSeconds(36) };

    /// <summary>Registrations from one address.</summary>
    [ValidateObjectMembers]
    public ThrottleLimit Registration { get; } = new() { Attempts = 20, Interval = TimeSpan.FromMinutes(1) };

    /// <summary>Refreshes from one address.</summary>
    [ValidateObjectMembers]
    public ThrottleLimit Refresh { get; } = new() { Attempts = 120, Interval = TimeSpan.FromSeconds(1) };

    /// <summary>How many addresses, accounts, and accounts from an address are remembered, of each.</summary>
    [Range(1_000, 10_000_000)]
    public int MostEntries { get; set; } = 100_000;
}

/// <summary>So many at once; after that one for each interval.</summary>
internal sealed class ThrottleLimit
{
    [Range(1, 1_000_000)]
    public int Attempts { get; set; }

    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan Interval { get; set; }
}
