using System.Globalization;
using System.Text.Json.Nodes;
using Rollcall.Client.Contracts;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>What came of a run that was ended three times.</summary>
internal sealed record EnrolReport(JsonNode Told, TimeSpan Took, long PeakBytes, int Jobs, int References, IReadOnlyList<string> Complaints);

/// <summary>
/// `rollcall enrol` on a folder of LFW, ended three times: Ctrl-C, SIGKILL of the command, SIGKILL of the server, which is started again. Then every
/// photograph is in the report once, and each person has as many references as photographs that succeeded.
/// </summary>
/// <param name="folder">An empty folder for all that the campaign writes.</param>
/// <param name="models">A mirror of model packs.</param>
/// <param name="people">A folder for each person.</param>
internal sealed class EnrolCampaign(string folder, string models, string people)
{
    private const int Interrupted = 130;
    private const int MostReferences = 100;

    private readonly List<string> _complaints = [];
    private long _peak;

    public async Task<EnrolReport> RunAsync(CancellationToken cancellationToken)
    {
        var photographs = Directory.EnumerateFiles(people, "*.jpg", SearchOption.AllDirectories).Count();
        var data = Path.Combine(folder, "data");
        var server = await ServerProcess.StartAsync(data, models);
        try
        {
            var customer = await Customer.RegisterAsync(server.Address);
            using var http = new HttpClient { BaseAddress = server.Address };
            var began = TimeProvider.System.GetTimestamp();

            using (var command = Command(server.Address, customer))
            {
                await ReachAsync(command, customer, http, photographs / 8, cancellationToken);
                await command.InterruptAsync();
                var ended = await command.EndAsync(cancellationToken);
                Expect(ended.Code == Interrupted, $"Ctrl-C ended the command with {ended.Code}: {ended.Error}");
            }

            using (var command = Command(server.Address, customer))
            {
                await ReachAsync(command, customer, http, photographs * 3 / 8, cancellationToken);
                command.Kill();
                await command.EndAsync(cancellationToken);
            }

            CommandEnd last;
            using (var command = Command(server.Address, customer))
            {
                await ReachAsync(command, customer, http, photographs * 5 / 8, cancellationToken);
                await server.KillAsync();
                await server.DisposeAsync();
                server = await ServerProcess.StartAsync(data, models, server.Address);
                last = await EndAsync(command, cancellationToken);
            }

            var took = TimeProvider.System.GetElapsedTime(began);
            Expect(last.Code is 0 or 1, $"The last command ended with {last.Code}: {last.Error}");
            if (last.Code is not (0 or 1)) return new EnrolReport(new JsonObject(), took, _peak, 0, 0, _complaints);
            var told = JsonNode.Parse(last.Out)!;
            Expect(told["resumed"]!.GetValue<bool>(), "The last command began anew.");
            var faces = await customer.At(http).EnumerateFacesAsync(customer.Collection, cancellationToken: cancellationToken).ToListAsync(cancellationToken);
            var jobs = await JobsAsync(customer, http, cancellationToken);
            await ReckonAsync(photographs, faces, jobs, cancellationToken);
            return new EnrolReport(told, took, _peak, jobs.Count, faces.Count, _complaints);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private CommandProcess Command(Uri server, Customer customer) => CommandProcess.Start(
        folder,
        new Dictionary<string, string?>
        {
            ["ROLLCALL_URL"] = server.ToString(),
            ["ROLLCALL_API_KEY"] = customer.Key,
            ["ROLLCALL_COLLECTION"] = customer.Collection,
            ["XDG_STATE_HOME"] = Path.Combine(folder, "state"),
        },
        ["enrol", people, "--id", "folder", "--multiple-faces", "largest", "--report", "report.csv", "--json"]);

    /// <summary>Waits until as many photographs are final at the server.</summary>
    private async Task ReachAsync(CommandProcess command, Customer customer, HttpClient http, int processed, CancellationToken cancellationToken)
    {
        while ((await JobsAsync(customer, http, cancellationToken)).Sum(job => job.Processed) < processed)
        {
            Note(command);
            if (command.HasEnded) throw new InvalidOperationException($"The command ended too early: {await command.EndAsync(cancellationToken)}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    private async Task<CommandEnd> EndAsync(CommandProcess command, CancellationToken cancellationToken)
    {
        var end = command.EndAsync(cancellationToken);
        while (!end.IsCompleted)
        {
            Note(command);
            await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken));
        }

        return await end;
    }

    private void Note(CommandProcess command) => _peak = Math.Max(_peak, command.PeakBytes());

    private static ValueTask<List<BatchJob>> JobsAsync(Customer customer, HttpClient http, CancellationToken cancellationToken) =>
        customer.At(http).EnumerateBatchesAsync(customer.Organization, cancellationToken: cancellationToken).ToListAsync(cancellationToken);

    private async Task ReckonAsync(int photographs, List<Face> faces, List<BatchJob> jobs, CancellationToken cancellationToken)
    {
        var lines = new List<string[]>();
        await foreach (var line in File.ReadLinesAsync(Path.Combine(folder, "report.csv"), cancellationToken)) lines.Add(line.Split(','));
        lines.RemoveAt(0);
        Expect(lines.Count == photographs, $"The report has {lines.Count} lines for {photographs} photographs.");
        Expect(lines.DistinctBy(line => line[0]).Count() == photographs, "A photograph is in the report twice, or not at all.");
        Expect(lines.All(line => line[2] is "enrolled" or "unchanged" or "failed"), "A photograph has no outcome.");

        // A job that was sent twice would stand at the server once more than the report knows.
        Expect(jobs.Select(job => job.JobId).ToHashSet().SetEquals(lines.Select(line => line[^1]).Where(job => job.Length > 0)), "The server has other jobs than the report names.");
        Expect(jobs.Sum(job => job.Total) <= photographs, "The server was sent more photographs than there are.");

        var standing = faces.ToLookup(face => face.ExternalId, StringComparer.Ordinal);
        foreach (var person in lines.GroupBy(line => line[1]))
        {
            var succeeded = person.Where(line => line[2] != "failed").ToList();
            var references = standing[person.Key].ToList();
            Expect(references.Count == succeeded.Count, string.Create(CultureInfo.InvariantCulture, $"{person.Key} has {references.Count} references for {succeeded.Count} photographs that succeeded."));
            Expect(references.Count <= MostReferences, $"{person.Key} has more references than one may.");
            Expect(references.DistinctBy(face => face.ImageSha256).Count() == references.Count, $"{person.Key} is enrolled twice with one photograph.");
            Expect(references.Select(face => face.FaceId).ToHashSet().SetEquals(succeeded.Select(line => line[5])), $"{person.Key} has other references than the report says.");
        }

        Expect(standing.All(person => lines.Exists(line => line[1] == person.Key)), "Somebody is enrolled of whom there is no photograph.");
    }

    private void Expect(bool holds, string complaint)
    {
        if (!holds) _complaints.Add(complaint);
    }
}
