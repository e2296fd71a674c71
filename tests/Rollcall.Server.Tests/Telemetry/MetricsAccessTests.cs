using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;

namespace Rollcall.Server.Tests.Telemetry;

/// <summary>Who may read <c>/metrics</c>.</summary>
public sealed class MetricsAccessTests
{
    private const string Token = "a-token-of-the-operator";

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.9.10", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("192.168.1.7", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData(null, false)]
    public async Task A_caller_on_this_machine_needs_no_token_and_any_other_does(string? address, bool isLocal)
    {
        await using var host = await TestHost.StartAsync(customize: From(address), args: $"--Hosting:MetricsToken={Token}");

        using var without = await host.Http.GetAsync("/metrics");
        Assert.Equal(isLocal ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, without.StatusCode);
        if (!isLocal) Assert.Equal("MISSING_CREDENTIALS", await without.ErrorCodeAsync());

        using var with = await SendAsync(host, Token);
        Assert.Equal(HttpStatusCode.OK, with.StatusCode);
        Assert.Contains("rollcall_queue_items", await with.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a-token-of-the-operatoR")]
    [InlineData("a-token-of-the-operator2")]
    [InlineData("a-token-of-the-operato")]
    [InlineData("")]
    public async Task A_wrong_token_is_refused_in_the_contracts_words(string token)
    {
        await using var host = await TestHost.StartAsync(customize: From("192.0.2.1"), args: $"--Hosting:MetricsToken={Token}");

        using var refused = await SendAsync(host, token);

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        var body = await refused.JsonAsync();
        Assert.Equal(token.Length > 0 ? "TOKEN_INVALID" : "MISSING_CREDENTIALS", body["error"]!["code"]!.GetValue<string>());
        Assert.Equal(refused.Headers.GetValues("X-Request-Id").Single(), body["request_id"]!.GetValue<string>());
        Assert.DoesNotContain("rollcall_", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_of_the_operator_no_token_opens()
    {
        await using var host = await TestHost.StartAsync(customize: From("192.0.2.1"));
        using var refused = await SendAsync(host, Token);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("x-forwarded-for", "203.0.113.9")]
    [InlineData("X-Forwarded-For", "")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("Host", "rollcall.example.com")]
    public async Task A_proxy_on_this_machine_that_nobody_declared_does_not_lend_its_address(string header, string value)
    {
        await using var host = await TestHost.StartAsync(args: $"--Hosting:MetricsToken={Token}");
        using var passedOn = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        Assert.True(passedOn.Headers.TryAddWithoutValidation(header, value));

        using var refused = await host.Http.SendAsync(passedOn);
        Assert.Equal("MISSING_CREDENTIALS", await refused.ErrorCodeAsync());

        using var withToken = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        withToken.Headers.TryAddWithoutValidation(header, value);
        withToken.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var allowed = await host.Http.SendAsync(withToken);
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
    }

    [Theory]
    [InlineData("203.0.113.9", false)]
    [InlineData("127.0.0.1, 203.0.113.9", false)]
    [InlineData("203.0.113.9, 127.0.0.1", false)]
    [InlineData("rubbish", false)]
    [InlineData("127.0.0.1", true)]
    public async Task Behind_a_trusted_proxy_the_callers_own_address_counts(string forwarded, bool isLocal)
    {
        await using var host = await TestHost.StartAsync(args: "--Hosting:TrustedProxies:0=127.0.0.1");
        using var http = host.ClientWith("X-Forwarded-For", forwarded);
        using var answer = await http.GetAsync("/metrics");
        Assert.Equal(isLocal ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static Action<WebApplicationBuilder> From(string? address) => builder => Elsewhere.Comes(builder, () => address is null ? null : IPAddress.Parse(address));

    private static async Task<HttpResponseMessage> SendAsync(TestHost host, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}".TrimEnd());
        return await host.Http.SendAsync(request);
    }
}
