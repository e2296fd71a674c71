using System.Text.Json.Nodes;

namespace Rollcall.Server.Tests;

/// <summary>What holds in every answer about a job that anyone can read.</summary>
internal static class JobInvariants
{
    public static void Check(JsonObject job)
    {
        var (total, processed) = (Int(job, "total"), Int(job, "processed"));
        Assert.Equal(processed, Int(job, "succeeded") + Int(job, "failed"));
        Assert.InRange(processed, 0, total);
        if (job["status"]!.GetValue<string>() == "done") Assert.Equal(total, processed);
        if (job["results"] is not JsonArray results) return;

        Assert.Equal(processed, results.Count);
        Assert.Equal(Int(job, "succeeded"), results.Count(item => item!["success"]!.GetValue<bool>()));
        Assert.Equal(results.Select(item => Int(item!, "index")).Order(), results.Select(item => Int(item!, "index")));
    }

    private static int Int(JsonNode node, string name) => node[name]!.GetValue<int>();
}
