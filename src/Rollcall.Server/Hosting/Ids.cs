namespace Rollcall.Server.Hosting;

/// <summary>Ids that sort by the time of their making: a prefix and the text of a UUID version 7; a job's is the plain UUID.</summary>
internal static class Ids
{
    public static string New(string prefix, TimeProvider time) => prefix + Guid.CreateVersion7(time.GetUtcNow()).ToString("N");

    public static string NewJob(TimeProvider time) => Guid.CreateVersion7(time.GetUtcNow()).ToString("D");

    /// <summary>An item's id sorts like its job and, within it, by its index.</summary>
    public static string Item(string jobId, int index) => $"{jobId}/{index:D3}";
}
