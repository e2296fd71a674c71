using System.CommandLine;
using System.Globalization;
using Rollcall.Cli.Collections;
using Rollcall.Client;
using Rollcall.Client.Contracts;
using Spectre.Console;

namespace Rollcall.Cli.Jobs;

/// <summary>The latest jobs of an organization.</summary>
internal static class JobsCommand
{
    private const int Page = 200;

    private static readonly Option<string?> Status = new("--status") { Description = "Only jobs that are this far: queued, processing, done or failed." };
    private static readonly Option<int> Limit = new("--limit") { Description = "At most this many.", HelpName = "N", DefaultValueFactory = _ => 20 };

    public static Command Create()
    {
        Status.AcceptOnlyFromAmong([.. Enum.GetValues<JobStatus>().Select(WireName.Of)]);
        Limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--limit is 1 or more.");
        });
        return Invocation.Create("jobs", "List the latest jobs.", RunAsync, Status, CollectionChoice.Option, Limit);
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        var organization = connection.Organization
            ?? throw CommandException.Usage("Say which organization, with --organization: an API key does not tell it.");
        var filter = new BatchFilter
        {
            Status = WireName.TryParse<JobStatus>(invocation.Get(Status), out var status) ? status : null,
            CollectionId = invocation.Gave(CollectionChoice.Option) ? (await CollectionChoice.FindAsync(invocation, connection.Client)).Id : null,
        };
        List<BatchJob> jobs = [];
        string? cursor = null;
        var most = invocation.Get(Limit);
        do
        {
            var page = await connection.Client.ListBatchesAsync(organization, filter, Math.Min(Page, most - jobs.Count), cursor, invocation.Cancellation);
            jobs.AddRange(page.Jobs);
            cursor = page.NextCursor;
        }
        while (cursor is not null && jobs.Count < most);

        invocation.Output.Result(new BatchJobList { Jobs = jobs, NextCursor = cursor }, console => Draw(console, jobs));
        return ExitCode.Done;
    }

    private static void Draw(IAnsiConsole console, List<BatchJob> jobs)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("job", "status", "accepted");
        foreach (var name in (string[])["total", "succeeded", "failed"])
        {
            table.AddColumn(name, column => column.RightAligned());
        }

        foreach (var job in jobs)
        {
            table.AddRow(job.JobId, WireName.Of(job.Status), JobLine.Time(job.CreatedAt), Number(job.Total), Number(job.Succeeded), Number(job.Failed));
        }

        console.Write(table);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
