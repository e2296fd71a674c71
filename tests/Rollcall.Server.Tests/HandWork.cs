using System.Text.Json.Nodes;
using Rollcall.Faces.Models;
using Rollcall.Server.Enrolment;

namespace Rollcall.Server.Tests;

/// <summary>For a host without a worker: the test says when work is done.</summary>
internal static class HandWork
{
    /// <summary>Submits and works on it; the finished job.</summary>
    public static async Task<JsonObject> EnrolByHandAsync(this Tenant tenant, TestHost host, BatchBody body, int atOnce = 100)
    {
        var job = await tenant.SubmitAsync(body);
        await host.WorkAsync(atOnce);
        return await tenant.PollAsync(job["job_id"]!.GetValue<string>());
    }

    /// <summary>Works on all that waits, with the real processor and the real rules.</summary>
    public static Task WorkAsync(this TestHost host) => host.WorkAsync(100);

    /// <summary>The same; so many at once are looked at and then committed.</summary>
    public static async Task WorkAsync(this TestHost host, int atOnce)
    {
        var queue = host.Get<WorkQueue>();
        while ((await queue.ClaimAsync("w", atOnce, handsFree: true, CancellationToken.None)).Items is { Count: > 0 } items)
        {
            var finished = new List<FinishedItem>();
            foreach (var item in items) finished.Add(new(item, await host.Get<ItemProcessor>().ProcessAsync(item, CancellationToken.None)));
            await queue.CompleteAsync(finished, ModelPack.Standard.Calibration, CancellationToken.None);
        }
    }
}
