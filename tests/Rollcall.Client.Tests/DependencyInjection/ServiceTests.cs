using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Rollcall.Client.Tests.DependencyInjection;

public sealed class ServiceTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_client_goes_where_it_was_told_as_who_it_was_told()
    {
        var server = new Flaky(Samples.Collection);
        using var service = new Service(server, setup => (setup.Credential, setup.OrganizationId) = (RollcallCredential.FromApiKey("rc_live_1"), "org_1"));

        await service.Client.GetCollectionAsync("col_1", Cancelled);

        var asked = Assert.Single(server.Asked);
        Assert.Equal("http://rollcall.example/below/api/v1/collections/col_1", asked.RequestUri!.AbsoluteUri);
        Assert.Equal(["rc_live_1"], asked.Headers.GetValues("X-API-Key"));
        Assert.Equal(["org_1"], asked.Headers.GetValues("X-Organization-Id"));
    }

    [Fact]
    public async Task Other_services_help_to_set_it_up_and_the_connection_is_left_to_the_server()
    {
        var services = new ServiceCollection();
        services.AddSingleton(new Uri("http://rollcall.example"));
        services.AddRollcallClient((provider, setup) => setup.Address = provider.GetRequiredService<Uri>());
        await using var provider = services.BuildServiceProvider();

        Assert.NotNull(provider.GetRequiredService<RollcallClient>());
        Assert.Equal(Timeout.InfiniteTimeSpan, provider.GetRequiredService<IHttpClientFactory>().CreateClient("Rollcall").Timeout); // Each attempt has its own.
    }

    [Theory]
    [InlineData(null, 4, 100)]
    [InlineData("file:///tmp", 4, 100)]
    [InlineData("http://rollcall.example", -1, 100)]
    [InlineData("http://rollcall.example", 4, 0)]
    public void A_setup_that_cannot_be_meant_is_told(string? address, int retries, int seconds)
    {
        var services = new ServiceCollection();
        services.AddRollcallClient(setup =>
        {
            setup.Address = address is null ? null : new Uri(address);
            setup.Retries = retries;
            setup.AttemptTimeout = TimeSpan.FromSeconds(seconds);
        });
        using var provider = services.BuildServiceProvider();

        Assert.Throws<OptionsValidationException>(provider.GetRequiredService<RollcallClient>);
        Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate); // At the start of the application already.
    }

    [Fact]
    public void A_second_client_is_a_mistake()
    {
        var services = new ServiceCollection();
        services.AddRollcallClient(setup => setup.Address = new Uri("http://rollcall.example"));

        Assert.Throws<InvalidOperationException>(() => services.AddRollcallClient(_ => { }));
    }
}
