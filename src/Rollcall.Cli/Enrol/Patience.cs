using System.Net;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Enrol;

/// <summary>
/// Tries again what fails for a while: a server that is busy, limits the rate, is restarted or out of reach. It waits as long as the server
/// says, else longer each time, and gives up when nothing has worked for a while.
/// </summary>
/// <remarks>The wait without a word from the server doubles from one second to thirty, of which a random half is taken, so that lanes do not come back together.</remarks>
internal sealed class Patience(TimeProvider time, TimeSpan giveUpAfter, Action<string> tell)
{
    /// <summary>How often in a row a fault of the server's is taken for a passing one.</summary>
    private const int MostFaults = 4;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        long? failingSince = null;
        for (var attempt = 0; ; attempt++)
        {
            TimeSpan wait;
            try
            {
                return await call();
            }
            catch (Exception exception) when (Reason(exception, attempt, cancellationToken) is { } reason)
            {
                failingSince ??= time.GetTimestamp();
                if (time.GetElapsedTime(failingSince.Value) >= giveUpAfter)
                    throw new CommandException(ExitCode.Unreachable, $"Given up after {giveUpAfter.TotalMinutes:0.#} minutes: {reason}. Run the same command again to go on.", exception);
                wait = Within((exception as RollcallException)?.RetryAfter ?? Backoff(attempt), giveUpAfter - time.GetElapsedTime(failingSince.Value));
                tell(reason);
            }

            await Task.Delay(wait, time, cancellationToken);
        }
    }

    public TimeProvider Time => time;

    public Task PauseAsync(TimeSpan wait, CancellationToken cancellationToken) => Task.Delay(wait, time, cancellationToken);

    /// <summary>Why it is worth trying again; null when it is not.</summary>
    private static string? Reason(Exception exception, int attempt, CancellationToken cancellationToken) => exception switch
    {
        RollcallException { Code: ErrorCodes.IdempotencyKeyInUse } => "the server is still receiving the same job",
        RollcallException { Code: ErrorCodes.QuotaExceeded } => "as much is at work already as may be",
        RollcallException { Status: HttpStatusCode.TooManyRequests } => "the server limits the rate",
        RollcallException { Status: HttpStatusCode.ServiceUnavailable } => "the server is busy",
        RollcallException { Status: HttpStatusCode.RequestTimeout } => "the line is slow",
        RollcallException { Status: HttpStatusCode.InternalServerError } => attempt < MostFaults ? "the server has a fault" : null,
        RollcallException { Status: HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout } => "the server is not there",
        _ when UnreadablePhotographException.In(exception) is not null => null,
        HttpRequestException => "the server cannot be reached",
        IOException => "the connection broke",
        OperationCanceledException when !cancellationToken.IsCancellationRequested => "the server does not answer",
        _ => null,
    };

    /// <summary>A server that says "at once" for ever, or "in a year", is not taken at its word.</summary>
    private static TimeSpan Within(TimeSpan wait, TimeSpan left) =>
        TimeSpan.FromTicks(Math.Clamp(wait.Ticks, Shortest.Ticks, Math.Max(left.Ticks, Shortest.Ticks)));

    private static TimeSpan Backoff(int attempt)
    {
        var whole = TimeSpan.FromSeconds(Math.Min(Longest.TotalSeconds, First.TotalSeconds * Math.Pow(2, Math.Min(attempt, 10))));
        return whole * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
