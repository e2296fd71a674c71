using System.Collections.Concurrent;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Audit;

/// <summary>Commits entries of acts that write nothing else, those of many requests together.</summary>
/// <remarks>
/// An identification is told when its entry is durable and not before. Whoever holds the turn commits for all who wait, so that many at once
/// cost one sync of the disk. A failed login does not wait: a write before the answer would tell an address that has an account from one that has none
/// (docs/adr/0021), so its entry comes within a second.
/// </remarks>
internal sealed class AuditCommits(Database database) : IDisposable
{
    private const int MostPostponed = 10_000;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private readonly ConcurrentQueue<(string AccountId, AccountAct Act)> _postponed = new();

    public async Task CommitAsync(IReadOnlyList<AuditRow> rows)
    {
        var mine = new Waiting(rows, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _waiting.Enqueue(mine);
        await _turn.WaitAsync();
        try
        {
            if (!mine.Done.Task.IsCompleted) await CommitWaitingAsync();
        }
        finally
        {
            _turn.Release();
        }

        await mine.Done.Task;
    }

    /// <summary>False when there are too many already: a flood must not fill the memory.</summary>
    public bool TryPostpone(string accountId, AccountAct act)
    {
        if (_postponed.Count >= MostPostponed) return false;
        _postponed.Enqueue((accountId, act));
        return true;
    }

    public async Task CommitPostponedAsync(CancellationToken ct)
    {
        var group = new List<(string AccountId, AccountAct Act)>();
        while (_postponed.TryDequeue(out var one)) group.Add(one);
        if (group.Count == 0) return;
        try
        {
            await database.WriteAsync(
                async tx =>
                {
                    foreach (var (accountId, act) in group) await AuditTrail.RecordOfAccountAsync(tx, accountId, act);
                },
                ct);
        }
        catch
        {
            foreach (var one in group) _postponed.Enqueue(one); // for the next turn
            throw;
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task CommitWaitingAsync()
    {
        var group = new List<Waiting>();
        try
        {
            await database.WriteAsync(
                tx =>
                {
                    // Not before the writers' line is through: who came meanwhile is taken along.
                    while (_waiting.TryDequeue(out var one)) group.Add(one);
                    return AuditTrail.AddAsync(tx, group.SelectMany(one => one.Rows));
                },
                CancellationToken.None);
            foreach (var one in group) one.Done.SetResult();
        }
        catch (Exception e)
        {
            while (_waiting.TryDequeue(out var one)) group.Add(one);
            foreach (var one in group) one.Done.SetException(e);
        }
    }

    private sealed record Waiting(IReadOnlyList<AuditRow> Rows, TaskCompletionSource Done);
}
