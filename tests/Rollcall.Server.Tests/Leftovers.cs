using Dapper;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests;

/// <summary>
/// How many rows each table has and which files lie in the data folder: what is the same before and after has left nothing behind. But for the heads of the audit
/// log, which come when what was recorded before is chained.
/// </summary>
internal static class Leftovers
{
    public static async Task<IReadOnlyList<string>> OfAsync(TestHost host)
    {
        var rows = await host.Get<Database>().ReadAsync(
            async tx =>
            {
                var tables = await tx.Connection!.QueryAsync<string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'audit_head' ORDER BY name", null, tx);
                var counts = new List<string>();
                foreach (var table in tables) counts.Add($"{table}: {await tx.Connection!.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {table}", null, tx)} rows");
                return counts;
            },
            CancellationToken.None);
        var files = Directory.EnumerateFileSystemEntries(host.Data, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(host.Data, path)).Where(path => !path.StartsWith("rollcall.db", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return [.. rows, .. files];
    }

    /// <summary>A connection that broke is noticed a moment later.</summary>
    public static async Task AreAsync(IReadOnlyList<string> before, TestHost host)
    {
        try
        {
            await Eventually.TrueAsync(async () => before.SequenceEqual(await OfAsync(host)));
        }
        catch (OperationCanceledException)
        {
            Assert.Equal(before, await OfAsync(host));
        }
    }
}
