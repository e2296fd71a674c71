namespace Rollcall.Client;

/// <summary>What a <see cref="RollcallClient"/> sends with its requests.</summary>
public sealed record RollcallClientOptions
{
    /// <summary>The caller; null for routes that need none, such as a login.</summary>
    public RollcallCredential? Credential { get; init; }

    /// <summary>The organization a person acts for where the route does not name it; may be left out with a single one.</summary>
    public string? OrganizationId { get; init; }

    /// <summary>The clock that waiting goes by.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
