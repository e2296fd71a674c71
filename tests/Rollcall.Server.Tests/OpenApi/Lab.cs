namespace Rollcall.Server.Tests.OpenApi;

/// <summary>A host that the cases of a table share.</summary>
public sealed class SharedHost : IAsyncLifetime
{
    internal TestHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await TestHost.StartAsync(args: "--Accounts:Throttle:Registration:Attempts=1000");

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>A tenant of its own on a shared host; a case that needs another host gets it here, and it ends with the case.</summary>
internal sealed class Lab : IAsyncDisposable
{
    private readonly List<TestHost> _own = [];

    private Lab(TestHost host, Tenant tenant) => (Host, Tenant) = (host, tenant);

    public TestHost Host { get; private set; }

    public Tenant Tenant { get; private set; }

    public string InCollection => $"/api/v1/collections/{Tenant.Collection}";

    public string InOrganization => $"/api/v1/organizations/{Tenant.Organization}";

    public static async Task<Lab> CreateAsync(TestHost host) => new(host, await Tenant.CreateAsync(host.Address));

    /// <summary>From here on the host is another one.</summary>
    public async Task MoveToAsync(TestHost host)
    {
        _own.Add(host);
        (Host, Tenant) = (host, await Tenant.CreateAsync(host.Address));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _own) await host.DisposeAsync();
    }
}
