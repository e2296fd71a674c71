namespace Rollcall.Server.Hosting;

/// <summary>Does something again and again; a turn that fails is logged and the next one comes all the same.</summary>
internal abstract partial class PeriodicService(TimeSpan period, TimeProvider time, ILogger logger) : BackgroundService
{
    protected abstract Task RunAsync(CancellationToken ct);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(logger, e);
            }
        }
    }

    [LoggerMessage(1201, LogLevel.Error, "A periodic task failed; trying again at its next turn.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
