using System.Net;
using System.Text;

namespace Rollcall.Server.Tests.Hosting;

public sealed class CrossOriginTests
{
    private const string Origin = "https://app.example.com";
    private const string Configured = $"--Hosting:CorsOrigins:0={Origin}";

    [Fact]
    public async Task Without_configuration_no_page_may_call()
    {
        await using var host = await TestHost.StartAsync();

        using var preflight = await PreflightAsync(host, Origin, "POST", "x-api-key");
        using var answer = await GetAsync(host, Origin);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, preflight.StatusCode);
        foreach (var response in new[] { preflight, answer })
            Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task A_page_of_a_configured_origin_may_send_what_the_api_takes(string method)
    {
        await using var host = await TestHost.StartAsync(args: Configured);
        const string headers = "authorization,content-type,idempotency-key,if-none-match,last-event-id,x-api-key,x-organization-id,x-request-id";

        using var preflight = await PreflightAsync(host, Origin, method, headers);

        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal(Origin, Header(preflight, "Access-Control-Allow-Origin"));
        Assert.Contains(method, Header(preflight, "Access-Control-Allow-Methods").Split(','));
        var allowed = Header(preflight, "Access-Control-Allow-Headers").Split(',');
        Assert.All(headers.Split(','), header => Assert.Contains(header, allowed, StringComparer.OrdinalIgnoreCase));
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task A_page_of_a_configured_origin_may_read_every_answer_and_the_headers_it_needs()
    {
        await using var host = await TestHost.StartAsync(args: Configured);
        var tenant = await Tenant.CreateAsync(host.Address);
        tenant.Key.DefaultRequestHeaders.Add("Origin", Origin);
        using var both = host.ClientWith("X-API-Key", tenant.ApiKey);
        both.DefaultRequestHeaders.Add("Origin", Origin);
        both.DefaultRequestHeaders.Authorization = tenant.Bearer.DefaultRequestHeaders.Authorization;

        using var good = await tenant.Key.GetAsync("/api/v1/collections");
        using var none = await GetAsync(host, Origin);
        using var two = await both.GetAsync("/api/v1/collections");
        using var nowhere = await tenant.Key.GetAsync("/api/v1/nowhere");
        tenant.Key.DefaultRequestHeaders.ExpectContinue = true; // else the refusal may come while the body is being sent
        using var large = await tenant.Key.PostAsync("/api/v1/collections", new StringContent(new string(' ', 2 * 1024 * 1024), Encoding.UTF8, "application/json"));

        Assert.Equal(
            [200, 401, 400, 404, 413],
            new[] { good, none, two, nowhere, large }.Select(response => (int)response.StatusCode));
        foreach (var response in new[] { good, none, two, nowhere, large })
        {
            Assert.Equal(Origin, Header(response, "Access-Control-Allow-Origin"));
            Assert.Equal(
                ["ETag", "Idempotency-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"],
                Header(response, "Access-Control-Expose-Headers").Split(',').Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("https://evil.example.com")]
    [InlineData("http://app.example.com")]
    [InlineData("https://app.example.com:8443")]
    [InlineData("null")]
    public async Task A_page_of_another_origin_may_not(string origin)
    {
        await using var host = await TestHost.StartAsync(args: Configured);

        using var preflight = await PreflightAsync(host, origin, "POST", "x-api-key");
        using var answer = await GetAsync(host, origin);

        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static async Task<HttpResponseMessage> PreflightAsync(TestHost host, string origin, string method, string headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/v1/collections");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", headers);
        return await host.Http.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> GetAsync(TestHost host, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/collections");
        request.Headers.Add("Origin", origin);
        return await host.Http.SendAsync(request);
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(',', response.Headers.GetValues(name));
}
