using Dapper;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Accounts;

/// <summary>Forgets sign-ins that have had their time, and their refresh tokens with them.</summary>
internal sealed partial class SessionRetention(Database database, TimeProvider time, ILogger<SessionRetention> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    public Task<int> PurgeAsync(CancellationToken ct) => database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync("DELETE FROM session WHERE expires_at <= @now", new { now = time.Now() }, tx), ct);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await PurgeAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(1201, LogLevel.Error, "Expired sign-ins could not be removed; trying again at the next turn.")]
    private partial void LogFailed(Exception exception);
}
