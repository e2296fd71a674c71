using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Enrol;

/// <summary>What happens between the command and the server, at the worst moments.</summary>
public sealed class FaultTests(LiveServer server)
{
    private const string First = "Aaron_Eckhart";

    [Fact]
    public async Task An_answer_that_is_lost_costs_no_second_job_whether_the_command_goes_on_or_is_given_again()
    {
        var collection = await server.CollectionAsync();
        var lost = 0;
        await using var line = await FaultyLine.StartAsync(server, after: context => IsSubmit(context) && ++lost <= 2 ? FaultyLine.BreakAsync(context) : Task.FromResult(false));
        using var shell = new Shell(server, collection, address: line.Address);
        Photographs.Copy([Assets.Lfw(First), Assets.Lfw("Aaron_Guiel")], Path.Combine(shell.Folder, "people"));
        string[] command = ["enrol", "people", "--id", "folder", "--on-duplicate", "append"];

        Assert.Equal(ExitCode.Unreachable, (await shell.RunAsync([.. command, "--give-up-after", "0"])).Code);
        Assert.NotEmpty(Directory.EnumerateFiles(shell.State, "*.db", SearchOption.AllDirectories));
        var told = await shell.AskAsync(command);

        Assert.Equal(3, lost);
        Assert.Equal(2, told["outcomes"]!["enrolled"]!.GetValue<int>());
        Assert.Single(await server.JobsAsync(collection));
        Assert.Equal(2, (await server.FacesAsync(collection)).Count);
        Assert.Empty(Directory.EnumerateFiles(shell.State, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(502)]
    [InlineData(500)]
    [InlineData(200)]
    public async Task Where_no_events_come_through_polls_do(int status)
    {
        var collection = await server.CollectionAsync();
        await using var line = await FaultyLine.StartAsync(
            server, before: context => context.Request.Path.Value!.EndsWith("/events", StringComparison.Ordinal) ? FaultyLine.AnswerAsync(context, status) : Task.FromResult(false));
        using var shell = new Shell(server, collection, address: line.Address);
        Photographs.Copy([Assets.Lfw(First)], Path.Combine(shell.Folder, "people"));

        var told = await shell.AskAsync("enrol", "people", "--id", "folder");

        Assert.Equal(1, told["outcomes"]!["enrolled"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_server_that_is_busy_out_of_order_or_at_its_quota_is_tried_again()
    {
        var collection = await server.CollectionAsync();
        var answers = new Queue<int>([503, 500, 502, 429]);
        await using var line = await FaultyLine.StartAsync(server, before: async context =>
        {
            if (!IsSubmit(context) || !answers.TryDequeue(out var status)) return false;
            context.Response.StatusCode = status;
            if (status != 429) return true;
            context.Response.Headers.RetryAfter = "0";
            await context.Response.WriteAsJsonAsync(new { success = false, error = new { code = "QUOTA_EXCEEDED", message = "later" }, request_id = "r", timestamp = "2026-01-01T00:00:00Z" });
            return true;
        });
        using var shell = new Shell(server, collection, address: line.Address);
        Photographs.Copy([Assets.Lfw(First)], Path.Combine(shell.Folder, "people"));

        var told = await shell.AskAsync("enrol", "people", "--id", "folder");

        Assert.Empty(answers);
        Assert.Equal(1, told["outcomes"]!["enrolled"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_job_that_the_server_has_forgotten_is_told_as_unknown_and_not_sent_again()
    {
        var collection = await server.CollectionAsync();
        await using var line = await FaultyLine.StartAsync(server, before: async context =>
        {
            if (!context.Request.Path.Value!.Contains("/batch/", StringComparison.Ordinal)) return false;
            context.Response.StatusCode = 404;
            await context.Response.WriteAsJsonAsync(new { success = false, error = new { code = "BATCH_JOB_NOT_FOUND", message = "none" }, request_id = "r", timestamp = "2026-01-01T00:00:00Z" });
            return true;
        });
        using var shell = new Shell(server, collection, address: line.Address);
        Photographs.Copy([Assets.Lfw(First)], Path.Combine(shell.Folder, "people"));

        var told = await shell.AskAsync("enrol", "people", "--id", "folder");

        Assert.Equal(1, told["failures"]!["RESULT_UNKNOWN"]!.GetValue<int>());
        Assert.Single(await server.JobsAsync(collection));
    }

    [Fact]
    public async Task A_photograph_that_has_changed_since_it_was_sent_is_told_and_what_was_sent_is_not_enrolled_twice()
    {
        var collection = await server.CollectionAsync();
        var lost = 0;
        await using var line = await FaultyLine.StartAsync(server, after: context => IsSubmit(context) && ++lost == 1 ? FaultyLine.BreakAsync(context) : Task.FromResult(false));
        using var shell = new Shell(server, collection, address: line.Address);
        var people = Path.Combine(shell.Folder, "people");
        Photographs.Copy([Assets.Lfw(First), Assets.Lfw("Aaron_Guiel")], people);
        string[] command = ["enrol", "people", "--id", "folder", "--on-duplicate", "append"];
        Assert.Equal(ExitCode.Unreachable, (await shell.RunAsync([.. command, "--give-up-after", "0"])).Code);

        File.Copy(Assets.Lfw("Aaron_Peirsol"), Path.Combine(people, First, $"{First}_0001.jpg"), overwrite: true);
        var told = await shell.AskAsync(command);

        Assert.Equal((1, 1), (told["failures"]!["FILE_CHANGED"]!.GetValue<int>(), told["outcomes"]!["unchanged"]!.GetValue<int>()));
        Assert.Equal(2, (await server.FacesAsync(collection)).Count);
    }

    [Fact]
    public async Task A_list_that_was_mended_after_an_interruption_is_not_gone_on_with_as_it_was()
    {
        var collection = await server.CollectionAsync();
        await using var line = await FaultyLine.StartAsync(server, after: context => IsSubmit(context) ? FaultyLine.BreakAsync(context) : Task.FromResult(false));
        using var shell = new Shell(server, collection, address: line.Address);
        var list = Path.Combine(shell.Folder, "list.csv");
        File.WriteAllText(list, $"path,external_id\n{Assets.Lfw(First)},wrong\n");
        Assert.Equal(ExitCode.Unreachable, (await shell.RunAsync("enrol", "list.csv", "--give-up-after", "0")).Code);

        File.WriteAllText(list, $"path,external_id\n{Assets.Lfw(First)},quite right\n");
        var refused = await shell.RunAsync("enrol", "list.csv", "--json");

        Assert.Equal(ExitCode.Usage, refused.Code);
        Assert.Contains("--fresh", JsonNode.Parse(refused.Out)!["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_came_after_the_plan_is_told()
    {
        var collection = await server.CollectionAsync();
        var lost = 0;
        await using var line = await FaultyLine.StartAsync(server, after: context => IsSubmit(context) && ++lost == 1 ? FaultyLine.BreakAsync(context) : Task.FromResult(false));
        using var shell = new Shell(server, collection, address: line.Address);
        var people = Path.Combine(shell.Folder, "people");
        Photographs.Copy([Assets.Lfw(First)], people);
        string[] command = ["enrol", "people", "--id", "folder"];
        Assert.Equal(ExitCode.Unreachable, (await shell.RunAsync([.. command, "--give-up-after", "0"])).Code);

        Photographs.Copy([Assets.Lfw("Aaron_Guiel")], people);
        var ended = await shell.RunAsync([.. command, "--json"]);

        Assert.Equal(ExitCode.SomeFailed, ended.Code);
        Assert.Equal(1, JsonNode.Parse(ended.Out)!["came_later"]!.GetValue<int>());
    }

    private static bool IsSubmit(HttpContext context) => context.Request.Path.Value!.EndsWith("/batch-async", StringComparison.Ordinal);
}
