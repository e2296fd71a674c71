using Microsoft.Extensions.Options;
using Polly;
using Rollcall.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes a <see cref="RollcallClient"/> a service.</summary>
public static class RollcallClientServices
{
    private const string Name = "Rollcall";

    // Connections are made anew so often, so that a client which is kept for ever follows its server to another address.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Adds a <see cref="RollcallClient"/>, which any service may take and keep. It tries again what may be repeated, after failures that may pass, at
    /// the pace that the server asks for.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets the address, the credential and what else is not to be as it is.</param>
    /// <returns>The builder of the client's connection, for handlers and proxies of one's own.</returns>
    /// <exception cref="InvalidOperationException">There is a client already.</exception>
    public static IHttpClientBuilder AddRollcallClient(this IServiceCollection services, Action<RollcallClientSetup> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddRollcallClient((_, setup) => configure(setup));
    }

    /// <inheritdoc cref="AddRollcallClient(IServiceCollection, Action{RollcallClientSetup})" />
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets the address, the credential and what else is not to be as it is, with the help of other services, singletons.</param>
    public static IHttpClientBuilder AddRollcallClient(this IServiceCollection services, Action<IServiceProvider, RollcallClientSetup> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        if (services.Any(service => service.ServiceType == typeof(RollcallClient)))
            throw new InvalidOperationException("There is a Rollcall client already. For a second one make an HttpClient and a RollcallClient over it.");

        services.AddOptions<RollcallClientSetup>()
            .Configure<IServiceProvider>((setup, provider) => configure(provider, setup))
            .Validate(setup => setup.IsSound, "A Rollcall client needs its server's address (http or https), and no negative number of retries or time.")
            .ValidateOnStart();

        var connection = services.AddHttpClient(Name)
            .ConfigureHttpClient((provider, http) => (http.BaseAddress, http.Timeout) = (SetupOf(provider).Address, Timeout.InfiniteTimeSpan))
            .UseSocketsHttpHandler((sockets, _) => sockets.PooledConnectionLifetime = ConnectionLifetime)
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .AddTypedClient((http, provider) => new RollcallClient(http, SetupOf(provider).ClientOptions))
            .AddHttpMessageHandler(() => new TimeIsUpHandler());
        connection.AddResilienceHandler(Name, (pipeline, context) => Build(pipeline, SetupOf(context.ServiceProvider)));
        return connection.AddHttpMessageHandler(() => new WholeAnswerHandler());
    }

    private static void Build(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, RollcallClientSetup setup)
    {
        pipeline.TimeProvider = setup.TimeProvider;
        if (setup.Retries > 0) pipeline.AddRetry(new Repetition(setup).Strategy());
        if (setup.AttemptTimeout != Timeout.InfiniteTimeSpan) pipeline.AddTimeout(AttemptLimit.Strategy(setup.AttemptTimeout));
    }

    private static RollcallClientSetup SetupOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<RollcallClientSetup>>().Value;
}
