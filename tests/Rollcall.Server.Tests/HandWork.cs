using Rollcall.Faces.Models;
using Rollcall.Server.Enrolment;

namespace Rollcall.Server.Tests;

/// <summary>For a host without a worker: the test says when work is done.</summary>
internal static class HandWork
{
    /// <summary>Works on all that waits, with the real processor and the real rules.</summary>
    public static async Task WorkAsync(this TestHost host)
    {
        var queue = host.Get<WorkQueue>();
        while ((await queue.ClaimAsync("w", 100, handsFree: true, CancellationToken.None)).Items is { Count: > 0 } items)
        {
            var finished = new List<FinishedItem>();
            foreach (var item in items) finished.Add(new(item, await host.Get<ItemProcessor>().ProcessAsync(item, CancellationToken.None)));
            await queue.CompleteAsync(finished, ModelPack.Standard.Calibration, CancellationToken.None);
        }
    }
}
