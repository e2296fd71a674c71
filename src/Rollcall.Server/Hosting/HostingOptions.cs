using System.ComponentModel.DataAnnotations;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Hosting;

internal sealed class HostingOptions : IValidatableObject
{
    /// <summary>How long a stop waits for requests and for images that are being worked on.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>Opens /metrics to who sends it; without it, /metrics is for callers on this machine.</summary>
    [RegularExpression("[!-~]{16,}", ErrorMessage = "Hosting:MetricsToken has at least 16 printable ASCII characters and no space.")]
    public string? MetricsToken { get; set; }

    /// <summary>Whether each request is logged at its end.</summary>
    public bool AccessLog { get; set; } = true;

    /// <summary>Where traces and metrics are sent to, short for OTEL_EXPORTER_OTLP_ENDPOINT; nowhere by default.</summary>
    [Url(ErrorMessage = "Hosting:OtlpEndpoint is an address: http://127.0.0.1:4317.")]
    public string? OtlpEndpoint { get; set; }

    /// <summary>The proxies, addresses and networks, whose X-Forwarded-* headers are believed; none: nobody's.</summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>The origins whose pages may call the API from a browser; none: CORS is off.</summary>
    public IList<string> CorsOrigins { get; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var proxy in TrustedProxies.Where(proxy => !AddressList.TryParse(proxy, out _)))
            yield return new ValidationResult($"Hosting:TrustedProxies: '{proxy}' is no address (10.0.0.2) and no network (10.0.0.0/24) whose host bits are zero.");
        foreach (var origin in CorsOrigins.Where(origin => !IsOrigin(origin)))
            yield return new ValidationResult($"Hosting:CorsOrigins: '{origin}' is no origin, which is written as https://app.example.com, with a port if it is not the usual one, in small letters and without a slash at the end.");
    }

    /// <summary>As a browser writes it in Origin, for it is compared as text.</summary>
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            && text == uri.GetLeftPart(UriPartial.Authority) && uri.UserInfo.Length == 0;
}
