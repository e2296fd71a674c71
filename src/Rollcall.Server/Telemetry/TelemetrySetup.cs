using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Rollcall.Server.Telemetry;

/// <summary>Metrics for who asks, logs that say nothing of people, and OpenTelemetry for who has set where to send it. By itself nothing is sent.</summary>
internal static class TelemetrySetup
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly string[] Meters = [Instruments.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IExternalScopeProvider, LogScopes>();
        services.PostConfigure<LoggerFilterOptions>(LogFloor.Apply);
        services.PostConfigure<JsonConsoleFormatterOptions>(json => json.TimestampFormat = json.TimestampFormat?.TrimEnd()); // the space is for the plain one

        services.AddSingleton(provider => provider.GetRequiredService<IMeterFactory>().Create(Instruments.Name));
        services.AddSingleton<Instruments>();
        services.AddSingleton<StateGauges>();
        services.AddSingleton<PrometheusExporter>();

        var configuration = builder.Configuration;
        if (configuration["Hosting:OtlpEndpoint"] is { Length: > 0 } endpoint) configuration[Endpoint] = endpoint;
        var sendsMetrics = IsSet(Endpoint) || IsSet("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
        var sendsTraces = IsSet(Endpoint) || IsSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");

        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService("rollcall", serviceVersion: typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3))
                .AddEnvironmentVariableDetector()) // again: what the operator calls the service comes before what we do
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Meters).AddReader(provider => provider.GetRequiredService<PrometheusExporter>().Reader);
                if (sendsMetrics) metrics.AddOtlpExporter();
            });
        if (sendsMetrics) services.AddHostedService<StateSampling>();
        if (sendsTraces) telemetry.WithTracing(Trace);

        bool IsSet(string variable) => !string.IsNullOrEmpty(configuration[variable]);
    }

    private static void Trace(TracerProviderBuilder tracing) => tracing
        .AddSource(Instruments.Name)
        .AddAspNetCoreInstrumentation(requests =>
        {
            requests.Filter = http => http.Request.Path.Value is not ("/healthz" or "/readyz" or MetricsEndpoint.Path);

            // A query has external ids, and a path has whatever a caller wrote there; the route's template stays.
            requests.EnrichWithHttpRequest = (span, _) => span.SetTag("url.path", null).SetTag("url.query", null);
        })
        .AddOtlpExporter();
}
