using Rollcall.Server.Hosting;

namespace Rollcall.Server.Storage;

/// <summary>Empties the database's log once whoever was reading is done, where a deletion had waited for it in vain.</summary>
internal sealed class ScrubRetry(Database database, TimeProvider time, ILogger<ScrubRetry> logger) : PeriodicService(TimeSpan.FromSeconds(10), time, logger)
{
    protected override Task RunAsync(CancellationToken ct) => database.IsScrubDue ? database.ScrubAsync(ct) : Task.CompletedTask;
}
