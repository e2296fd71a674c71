using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using Rollcall.Faces;
using Rollcall.Faces.Models;
using Rollcall.Server.Audit;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Faces;
using Rollcall.Server.Organizations;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Hosting;

/// <summary>What has to be done before the first request: schema, rescue of what a dead process left, models.</summary>
internal static partial class Startup
{
    public static async Task PrepareAsync(this WebApplication app, CancellationToken ct = default)
    {
        var services = app.Services;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Startup));

        var folder = services.GetRequiredService<DataFolder>();
        Migrator.Migrate(services.GetRequiredService<SqliteDataSource>().ConnectionString, services.GetRequiredService<Database>().Dialect);

        await services.GetRequiredService<BlobKeyBook>().CheckAsync(ct);
        await services.GetRequiredService<Suppressions>().CheckKeyAsync(ct);

        // The lock on the data folder is ours, so no other process works here or is receiving an upload.
        var rescued = await services.GetRequiredService<WorkQueue>().RescueAllAsync(ct);
        if (rescued > 0) LogRescued(logger, rescued);
        services.GetRequiredService<MeterProvider>(); // it counts from now on
        services.GetRequiredService<Instruments>().Begin(rescued);
        await services.GetRequiredService<IdempotencyStore>().ReleaseAllAsync(ct);
        await services.GetRequiredService<BatchRetention>().SweepAsync(DateTimeOffset.MaxValue, ct);
        await services.GetRequiredService<OrganizationRemoval>().FinishAtStartAsync(ct);
        await services.GetRequiredService<FaceRetention>().SweepAtStartAsync(ct);
        await services.GetRequiredService<AuditSequencer>().ChainAsync(ct);

        // A process that died between a deletion and its end has left what was deleted to be read in the database's log.
        await services.GetRequiredService<Database>().ScrubAsync(ct);

        var models = services.GetRequiredService<FaceModels>();
        if (!models.Loaded) models.Load(new FaceEngine(await services.GetRequiredService<PackChoice>().ObtainAsync(ct)));
        LogReady(logger, folder.Path, models.Engine.Pack.Id);
    }

    /// <summary>What is wrong with the machine or the settings gets a sentence; anything else is a bug and keeps its stack trace.</summary>
    public static bool IsOperatorsToMend(Exception e) =>
        e is StartupException or ModelPackUnavailableException or OptionsValidationException or IOException or FormatException
        or ArgumentOutOfRangeException { ParamName: "port" } or InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" };

    public static string AdviceOn(Exception e) => e switch
    {
        InvalidOperationException => $"A setting is not known or has a value that it cannot have: {e.Message}",
        FormatException => $"An address in --urls cannot be read: {e.Message}",
        ArgumentOutOfRangeException => "A port in --urls is not between 0 and 65535.",
        OptionsValidationException invalid => string.Join('\n', invalid.Failures.Select(WithoutFrame)),
        IOException { InnerException: AddressInUseException } => $"{e.Message.TrimEnd('.')}. Choose another with --urls http://127.0.0.1:PORT.",
        _ => e.Message,
    };

    /// <summary>What is wrong, without the names of the classes that the framework puts around it.</summary>
    private static string WithoutFrame(string failure) =>
        Frame().Match(failure) is { Success: true } framed ? framed.Groups["error"].Value.Replace("The field ", "The setting ", StringComparison.Ordinal) : failure;

    [GeneratedRegex("^DataAnnotation validation failed for '[^']*' members: '[^']*' with the error: '(?<error>.*)'\\.$", RegexOptions.Singleline)]
    private static partial Regex Frame();

    [LoggerMessage(1101, LogLevel.Warning, "{Count} items were being worked on when the last process ended; they are tried again, each alone.")]
    private static partial void LogRescued(ILogger logger, int count);

    [LoggerMessage(1102, LogLevel.Information, "Data in {Folder}, model pack {Pack}.")]
    private static partial void LogReady(ILogger logger, string folder, string pack);
}
