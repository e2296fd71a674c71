using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Rollcall.Server.Tests.Batches;

/// <summary>The first thing that a customer does, to the letter.</summary>
public sealed class SeedTests
{
    // Written as a customer would: Node alone, no package.
    private const string Program =
        """
        const [base, organization, job, token] = process.argv.slice(2);
        const headers = { Authorization: `Bearer ${token}` };
        for (;;) {
          const response = await fetch(`${base}api/v1/organizations/${organization}/batch/${job}`, { headers });
          const { success, data, error } = await response.json();
          if (!success) throw new Error(error.code);
          if (data.status === 'done' || data.status === 'failed') {
            for (const { index, external_id, face_id, success } of data.results) console.log(JSON.stringify({ index, external_id, face_id, success }));
            break;
          }
          await new Promise(resolve => setTimeout(resolve, 2000));
        }
        """;

    [Fact]
    public async Task Two_photographs_are_accepted_and_a_node_program_polls_them_to_their_end()
    {
        Assets.RequireProgram("node");
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        var accepted = await tenant.SubmitAsync(BatchBody.Of(
            ("employee-001", Assets.Lfw("George_W_Bush")), ("employee-002", Assets.Lfw("Colin_Powell"))));

        var job = accepted["job_id"]!.GetValue<string>();
        Assert.Equal(7, Guid.Parse(job).Version);
        Assert.Equal(
            $$"""{"job_id":"{{job}}","status":"queued","total":2,"processed":0,"succeeded":0,"failed":0}""", accepted.ToJsonString());

        var lines = await RunNodeAsync(host.Address.ToString(), tenant.Organization, job, tenant.Token);
        Assert.Collection(
            lines,
            first => AssertEnrolled(first, 0, "employee-001"),
            second => AssertEnrolled(second, 1, "employee-002"));
    }

    private static void AssertEnrolled(JsonNode line, int index, string externalId)
    {
        Assert.Equal(index, line["index"]!.GetValue<int>());
        Assert.Equal(externalId, line["external_id"]!.GetValue<string>());
        Assert.StartsWith("face_", line["face_id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(line["success"]!.GetValue<bool>());
    }

    private static async Task<JsonNode[]> RunNodeAsync(params string[] arguments)
    {
        using var folder = new TestFolder();
        var script = Path.Combine(folder.Path, "poll.mjs");
        await File.WriteAllTextAsync(script, Program);
        using var node = Process.Start(new ProcessStartInfo("node", [script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await node.StandardOutput.ReadToEndAsync();
        var errors = await node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, errors);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }
}
