using System.Text.Json.Nodes;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Client.Contracts;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Storage;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Hosting;

/// <summary>Liveness says that the process answers; readiness that database, storage and models do.</summary>
internal static class HealthEndpoints
{
    private const string Fine = "ok";

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => Envelope.Ok(new Health { Status = Fine })).WithTags("Health")
            .Describe("getHealth", "Whether the process answers").Answers(StatusCodes.Status200OK, "It does.");
        app.MapGet("/readyz", ReadyAsync).WithTags("Health")
            .Describe("getReadiness", "Whether database, storage and model are there").Answers(StatusCodes.Status200OK, "They are.");
        app.MapMetrics();
    }

    private static async Task<Results<Ok<ApiResponse<Readiness>>, Problem>> ReadyAsync(
        Database database, FileBlobStore blobs, DiskSpace disk, FaceModels models, ILoggerFactory loggers, CancellationToken ct)
    {
        var logger = loggers.CreateLogger(typeof(HealthEndpoints));
        var checks = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["database"] = await CheckAsync("database", () => database.ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT 1", null, tx), ct), logger),
            ["storage"] = await CheckAsync("storage", () => Task.Run(blobs.Probe, ct), logger),
            ["model"] = models.Loaded ? Fine : "not loaded",
        };
        if (checks["storage"] == Fine && disk.IsLow) checks["storage"] = "full";
        if (checks.Values.All(check => check == Fine))
        {
            var pack = models.Engine.Pack;
            var running = new RunningModel { Id = pack.Id, Evaluation = pack.Evaluation, Caveat = pack.Caveat };
            return Envelope.Ok(new Readiness { Status = Fine, Model = running, Checks = checks });
        }

        return new Problem(ErrorCodes.ServiceBusy, "The server is not ready; details say what is missing.")
        {
            Details = new JsonObject(checks.Select(check => KeyValuePair.Create(check.Key, (JsonNode?)check.Value))),
            RetryAfterSeconds = 5,
        };
    }

    private static async Task<string> CheckAsync(string what, Func<Task> check, ILogger logger)
    {
        try
        {
            await check();
            return Fine;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            HealthLog.NotReady(logger, e, what);
            return "failed";
        }
    }
}

internal static partial class HealthLog
{
    [LoggerMessage(1001, LogLevel.Error, "Not ready: {What} does not answer.")]
    public static partial void NotReady(ILogger logger, Exception exception, string what);
}
