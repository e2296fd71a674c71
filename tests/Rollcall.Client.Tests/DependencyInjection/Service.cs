using Microsoft.Extensions.DependencyInjection;

namespace Rollcall.Client.Tests.DependencyInjection;

/// <summary>A client as an application gets it, on a line of the test's.</summary>
internal sealed class Service : IDisposable
{
    private readonly ServiceProvider _services;

    public Service(HttpMessageHandler server, Action<RollcallClientSetup>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddRollcallClient(setup =>
        {
            setup.Address = new Uri("http://rollcall.example/below");
            setup.AttemptTimeout = Timeout.InfiniteTimeSpan;
            setup.TimeProvider = Time;
            configure?.Invoke(setup);
        }).ConfigurePrimaryHttpMessageHandler(() => server);
        _services = services.BuildServiceProvider();
        Client = _services.GetRequiredService<RollcallClient>();
    }

    public EagerTime Time { get; init; } = new();

    public RollcallClient Client { get; }

    public void Dispose() => _services.Dispose();
}
