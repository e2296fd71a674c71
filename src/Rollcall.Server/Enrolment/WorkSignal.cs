using System.Threading.Channels;

namespace Rollcall.Server.Enrolment;

/// <summary>Wakes the workers of this process. A lost signal costs latency only: they look for work by themselves too.</summary>
internal sealed class WorkSignal(TimeProvider time)
{
    // One place and later signals dropped: a worker that has not yet woken will see all the work there is.
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _signal.Writer.TryWrite(true);

    public async Task WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            await _signal.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The time is up: look for work all the same.
        }
    }
}
