using System.Globalization;
using Rollcall.Client.Contracts;
using Spectre.Console;

namespace Rollcall.Cli.Jobs;

/// <summary>How a job is told to people.</summary>
internal static class JobLine
{
    public static string Of(BatchJob job) => string.Create(
        CultureInfo.InvariantCulture, $"{job.JobId} {WireName.Of(job.Status)}: {job.Processed} of {job.Total}, {job.Succeeded} succeeded, {job.Failed} failed");

    public static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The job and each item that failed.</summary>
    public static void Draw(IAnsiConsole console, BatchJob job)
    {
        console.WriteLine(Of(job));
        if (job.Error is { } error) console.WriteLine($"{error.Code}: {error.Message}");
        foreach (var item in job.Results?.Where(item => !item.Success) ?? [])
        {
            console.WriteLine($"  {item.Index,3} {item.ExternalId}: {item.Error?.Code} {item.Error?.Message}");
        }
    }
}
