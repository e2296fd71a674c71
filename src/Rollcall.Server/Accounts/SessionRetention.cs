using Dapper;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Accounts;

/// <summary>Forgets sign-ins that have had their time, with their refresh tokens, and that external tokens were logged out that have; invitations too.</summary>
internal sealed class SessionRetention(Database database, TimeProvider time, ILogger<SessionRetention> logger)
    : PeriodicService(TimeSpan.FromHours(1), time, logger)
{
    private readonly TimeProvider _time = time;

    public Task<int> PurgeAsync(CancellationToken ct) => database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            "DELETE FROM session WHERE expires_at <= @now; DELETE FROM refused_token WHERE expires_at <= @now; DELETE FROM invitation WHERE expires_at <= @now;",
            new { now = _time.Now() },
            tx),
        ct);

    protected override Task RunAsync(CancellationToken ct) => PurgeAsync(ct);
}
