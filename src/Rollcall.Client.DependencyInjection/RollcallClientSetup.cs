namespace Rollcall.Client;

/// <summary>How <see cref="Microsoft.Extensions.DependencyInjection.RollcallClientServices"/> makes a <see cref="RollcallClient"/>.</summary>
public sealed class RollcallClientSetup
{
    /// <summary>The server's root, a path in it included. It has to be set.</summary>
    public Uri? Address { get; set; }

    /// <summary>The caller; null for routes that need none, such as a login.</summary>
    public RollcallCredential? Credential { get; set; }

    /// <summary>The organization a person acts for where the route does not name it; may be left out with a single one.</summary>
    public string? OrganizationId { get; set; }

    /// <summary>How often a request that may be repeated is sent again after a failure that may pass; 0 for never.</summary>
    public int Retries { get; set; } = 4;

    /// <summary>The longest pause before a repetition. Where the server asks for a longer one, its refusal is given to the caller at once.</summary>
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long one attempt may take until its answer is there; <see cref="Timeout.InfiniteTimeSpan"/> for no limit. An upload has a second more for each 64 KB,
    /// and what the server is asked to hold has that time more, so neither is cut off by it.
    /// </summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>The clock that waiting goes by.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal RollcallClientOptions ClientOptions => new() { Credential = Credential, OrganizationId = OrganizationId, TimeProvider = TimeProvider };

    internal bool IsSound => Address is { IsAbsoluteUri: true, Scheme: "http" or "https" }
        && Retries >= 0
        && LongestPause > TimeSpan.Zero
        && (AttemptTimeout > TimeSpan.Zero || AttemptTimeout == Timeout.InfiniteTimeSpan);
}
