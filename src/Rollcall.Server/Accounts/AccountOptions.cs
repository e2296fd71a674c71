using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Rollcall.Server.Accounts;

internal sealed class AccountOptions
{
    /// <summary>Whether anybody may register an organization of their own.</summary>
    public bool AllowRegistration { get; set; } = true;

    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a sign-in may be refreshed before the password is asked for again.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Passwords hashed at a time; 0: half of the cores.</summary>
    [Range(0, 256)]
    public int HashConcurrency { get; set; }

    [ValidateObjectMembers]
    public OpenIdConnectOptions OpenIdConnect { get; } = new();

    [ValidateObjectMembers]
    public ThrottleOptions Throttle { get; } = new();
}
