using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace Rollcall.Server.Tests.Hosting;

/// <summary>A key that is confined to one address tells which address the server takes for the caller's.</summary>
public sealed class ForwardingTests
{
    private const string Customer = "203.0.113.7";

    [Theory]
    [InlineData("203.0.113.7", false)]
    [InlineData("203.0.113.7", false, "--FORWARDEDHEADERS_ENABLED=true")] // the framework's own switch, which believes anybody
    [InlineData("203.0.113.7", false, "--Hosting:TrustedProxies:0=198.51.100.1")]
    [InlineData("203.0.113.7", true, "--Hosting:TrustedProxies:0=127.0.0.1")]
    [InlineData("203.0.113.7", true, "--Hosting:TrustedProxies:0=127.0.0.0/8")]
    [InlineData("203.0.113.7:4711", true, "--Hosting:TrustedProxies:0=127.0.0.1")]
    [InlineData("::ffff:203.0.113.7", true, "--Hosting:TrustedProxies:0=127.0.0.1")]
    [InlineData("198.51.100.9, 203.0.113.7", true, "--Hosting:TrustedProxies:0=127.0.0.1")]
    [InlineData("203.0.113.7, 198.51.100.9", false, "--Hosting:TrustedProxies:0=127.0.0.1")] // what the caller made up
    [InlineData("203.0.113.7, 10.1.2.3", false, "--Hosting:TrustedProxies:0=127.0.0.1")]
    [InlineData("203.0.113.7, 10.1.2.3", true, "--Hosting:TrustedProxies:0=127.0.0.1", "--Hosting:TrustedProxies:1=10.0.0.0/8")]
    [InlineData("203.0.113.7, 198.51.100.9, 10.1.2.3", false, "--Hosting:TrustedProxies:0=127.0.0.1", "--Hosting:TrustedProxies:1=10.0.0.0/8")]
    [InlineData("203.0.113.7, rubbish", false, "--Hosting:TrustedProxies:0=127.0.0.1")]
    public async Task Only_a_trusted_proxy_says_who_the_caller_is(string forwarded, bool opens, params string[] args)
    {
        await using var host = await TestHost.StartAsync(args: args);
        var tenant = await Tenant.CreateAsync(host.Address);
        var text = await tenant.CreateKeyAsync(new() { ["scopes"] = new JsonArray("batch"), ["allowed_ips"] = new JsonArray(Customer) });
        using var key = host.ClientWith("X-API-Key", text);
        key.DefaultRequestHeaders.Add("X-Forwarded-For", forwarded);

        using var answer = await key.GetAsync("/api/v1/collections");

        Assert.Equal(opens ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
        if (!opens) Assert.Equal("IP_NOT_ALLOWED", await answer.ErrorCodeAsync());
    }

    [Fact]
    public async Task Only_a_trusted_proxy_says_under_which_address_the_server_is_reached()
    {
        await using var alone = await TestHost.StartAsync();
        await using var behind = await TestHost.StartAsync(args: "--Hosting:TrustedProxies:0=127.0.0.1");

        Assert.Equal(alone.Address.ToString().TrimEnd('/'), await ServerAsync(alone));
        Assert.Equal("https://faces.example.com", await ServerAsync(behind));

        static async Task<string> ServerAsync(TestHost host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
            request.Headers.Add("X-Forwarded-For", Customer);
            request.Headers.Add("X-Forwarded-Proto", "https");
            request.Headers.Add("X-Forwarded-Host", "faces.example.com");
            using var answer = await host.Http.SendAsync(request);
            return (await answer.JsonAsync())["servers"]![0]!["url"]!.GetValue<string>().TrimEnd('/');
        }
    }

    [Theory]
    [InlineData("--Hosting:TrustedProxies:0=localhost")]
    [InlineData("--Hosting:TrustedProxies:0=10.0.0.1/8")]
    [InlineData("--Hosting:CorsOrigins:0=*")]
    [InlineData("--Hosting:CorsOrigins:0=https://app.example.com/")]
    [InlineData("--Hosting:CorsOrigins:0=app.example.com")]
    public async Task A_proxy_or_an_origin_that_cannot_be_stops_the_start(string arg) =>
        await Assert.ThrowsAsync<OptionsValidationException>(() => TestHost.StartAsync(args: arg));
}
