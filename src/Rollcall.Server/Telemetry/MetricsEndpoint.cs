using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Telemetry;

/// <summary><c>/metrics</c>, for who stands on this machine or has the operator's token.</summary>
internal static class MetricsEndpoint
{
    public const string Path = "/metrics";

    private const string Prefix = "Bearer ";

    /// <summary>What proxies add to a request. One of these on a connection from this machine means that somebody else is behind it.</summary>
    private static readonly string[] ForwardingHeaders =
        ["Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Server", "X-Forwarded-Port", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP"];

    public static void MapMetrics(this IEndpointRouteBuilder app) => app.MapGet(Path, ScrapeAsync)
        .WithTags("Health")
        .Describe("getMetrics", "What the server counts and measures", "For callers on this machine; from elsewhere with the operator's metrics token.")
        .Produces<string>(StatusCodes.Status200OK, "text/plain").Answers(StatusCodes.Status200OK, "In the text format of Prometheus.")
        .WithMetadata(new TakesToken(DocumentHead.MetricsScheme)).Refuses(ErrorCodes.MissingCredentials, ErrorCodes.TokenInvalid);

    private static async Task<IResult> ScrapeAsync(
        HttpContext http, IOptions<HostingOptions> options, StateGauges gauges, PrometheusExporter exporter, CancellationToken ct)
    {
        if (Refusal(http, options.Value.MetricsToken) is { } refusal) return refusal;

        await gauges.RefreshAsync(ct);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Text(await exporter.ScrapeAsync(ct), PrometheusText.ContentType, Encoding.UTF8);
    }

    private static Problem? Refusal(HttpContext http, string? token)
    {
        var sent = http.Request.Headers[HeaderNames.Authorization].ToString();
        var isBearer = sent.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
        if (token is not null && isBearer && IsSame(sent[Prefix.Length..].Trim(), token)) return null;
        if (IsLocal(http)) return null;
        return isBearer
            ? new Problem(ErrorCodes.TokenInvalid, "This is not the operator's metrics token, which Hosting:MetricsToken sets.")
            : new Problem(ErrorCodes.MissingCredentials, "Send the operator's metrics token, which Hosting:MetricsToken sets, as Authorization: Bearer.");
    }

    /// <summary>Hashed first, so that not even the length can be measured.</summary>
    private static bool IsSame(string sent, string token) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(sent)), SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>
    /// The connection, or what a trusted proxy says of it, comes from this machine, nothing says that it was passed on, and it asks for this machine by
    /// name: a web page that has its own name point here sends that name.
    /// </summary>
    private static bool IsLocal(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote)
        && !ForwardingHeaders.Any(http.Request.Headers.ContainsKey)
        && IsThisMachine(http.Request.Host.Host);

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
