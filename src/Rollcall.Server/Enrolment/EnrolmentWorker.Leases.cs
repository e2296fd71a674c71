namespace Rollcall.Server.Enrolment;

internal sealed partial class EnrolmentWorker
{
    /// <summary>
    /// Renews every third of a lease and rescues what others lost. A worker that could not renew for a whole lease, by its own monotonic
    /// clock, stops its handlers: by then somebody else may hold their items.
    /// </summary>
    private async Task KeepLeasesAsync(CancellationToken ended)
    {
        var lease = options.Value.Lease;
        var renewed = time.GetTimestamp();
        using var timer = new PeriodicTimer(lease / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                try
                {
                    var asked = _inHand.ToArray();
                    var now = time.GetTimestamp();
                    var kept = await queue.RenewAsync(_workerId, [.. asked.Select(one => one.Key)], ended);
                    renewed = now;
                    foreach (var (lost, hand) in asked.Where(one => !kept.Contains(one.Key)))
                    {
                        if (hand.Lost.IsCancellationRequested) await EndWhenHungAsync(lost, hand, ended);
                        await StopAsync(lost);
                    }

                    if (await queue.RescueExpiredAsync(ended) is var rescued and > 0)
                    {
                        LogRescued(rescued);
                        instruments.LeasesExpired.Add(rescued);
                        signal.Set();
                    }
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogRenewFailed(e);
                    if (time.GetElapsedTime(renewed) < lease) continue;
                    foreach (var lost in _inHand.Keys) await StopAsync(lost);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The worker has ended and holds no lease any more.
        }
    }

    /// <summary>
    /// A handler that was told to stop looks up between the stages. One that has not done so in a whole lease hangs in native code, which
    /// nothing but the end of the process gets out of; while it hangs no suspect could ever be alone.
    /// </summary>
    private async Task EndWhenHungAsync(LeaseKey lease, InHand hand, CancellationToken ct)
    {
        var since = _stopped.GetOrAdd(lease, _ => time.GetTimestamp());
        if (time.GetElapsedTime(since) < options.Value.Lease || !_inHand.ContainsKey(lease) || lifetime.ApplicationStopping.IsCancellationRequested) return;

        // By now its lease is over and taken back: the next start finds nobody in the decoder, and would let it hang for ever.
        if (hand.IsAlone) await queue.CountHangAsync(lease.ItemId, ct);
        LogHung(lease.ItemId, options.Value.MaxRun);
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    private async Task StopAsync(LeaseKey lease)
    {
        if (!_inHand.TryGetValue(lease, out var hand)) return;
        try
        {
            await hand.Lost.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It finished in this very moment.
        }
    }
}
