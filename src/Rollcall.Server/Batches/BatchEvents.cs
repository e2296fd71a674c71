using System.Collections.Concurrent;

namespace Rollcall.Server.Batches;

/// <summary>
/// Tells waiting polls of this process that a job has changed. A change that another process made is not told of; who waits looks
/// again by itself once in a while.
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

    /// <summary>A job that is finished does not change any more.</summary>
    public void Forget(string jobId) => _jobs.TryRemove(jobId, out _);

    /// <summary>Until the change comes, but no longer than it takes to look again, or the time that is left.</summary>
    public async Task WaitAsync(Task change, TimeSpan left, CancellationToken ct)
    {
        try
        {
            await change.WaitAsync(left < LookAgain ? left : LookAgain, time, ct);
        }
        catch (TimeoutException)
        {
            // Look all the same.
        }
    }
}
