using System.Collections.Concurrent;

namespace Rollcall.Server.Batches;

/// <summary>
/// Tells waiting polls and event streams of this process that a job has changed. A change that another process made is not told of; who
/// waits looks again by itself once in a while.
/// </summary>
internal sealed class BatchEvents(TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _jobs = new(StringComparer.Ordinal);

    public void Changed(IEnumerable<string> jobs)
    {
        foreach (var job in jobs)
            if (_jobs.TryRemove(job, out var change)) change.TrySetResult();
    }

    /// <summary>Begins to listen for the next change of a job.</summary>
    public Task Next(string jobId) =>
        _jobs.GetOrAdd(jobId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Until the change comes, but no longer than it takes to look again, or the time that is left.</summary>
    public Task WaitAsync(Task change, TimeSpan left, CancellationToken ct) => ComesAsync(change, left < LookAgain ? left : LookAgain, ct);

    /// <summary>Whether the change comes within a time.</summary>
    public async Task<bool> ComesAsync(Task change, TimeSpan within, CancellationToken ct)
    {
        try
        {
            await change.WaitAsync(within, time, ct);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
