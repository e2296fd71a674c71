using System.Text.Json;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Benchmarks.Requests;

/// <summary>How the requests of each kind were answered. A complaint names the request by its number.</summary>
internal sealed record RequestReport(IReadOnlyDictionary<string, SortedDictionary<string, int>> Outcomes, long PeakBytes, IReadOnlyList<string> Complaints);

/// <summary>
/// Requests that a broken or hostile program would send, over bare sockets, to a server that is a process of its own: none is answered with
/// a fault of the server, none is left without an end, each error has a code of the contract, and the server enrols at the end.
/// </summary>
internal sealed class RequestCampaign(string data, string mirror, string photograph, int seed)
{
    private const int Lines = 8;
    private const int MostShown = 1000;
    private const string NoAnswer = "none";

    /// <summary>HTTP's own bare refusals, from before the request is one.</summary>
    private static readonly int[] Bare = [400, 408, 411, 413, 414, 431];

    private static readonly string[] Options =
    [
        "--Limits:RequestsPerMinute=0", "--Limits:SubmitsPerMinute=0", "--Limits:AnonymousRequestsPerMinute=0", "--Accounts:Throttle:Refresh:Attempts=1000000", "--Hosting:AccessLog=false",
    ];

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SortedDictionary<string, int>> _outcomes = new(StringComparer.Ordinal);
    private readonly List<string> _complaints = [];

    /// <param name="atOnce">How many are under way at a time.</param>
    public async Task<RequestReport> RunAsync(int count, int atOnce)
    {
        await using var server = await ServerProcess.StartAsync(data, mirror, Options);
        var customer = await Customer.RegisterAsync(server.Address);
        using var http = new HttpClient { BaseAddress = server.Address };
        var targets = new RequestTargets(await WorldAsync(customer, http)).All;
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (number, _) => await SendAsync(server.Address, targets, number));

        var peak = server.PeakBytes;
        await StillEnrolsAsync(customer.At(http), customer);
        foreach (var fault in FaultsIn(server.Output)) _complaints.Add(fault);
        if (await server.StopAsync() is var code and not 0) _complaints.Add($"the server stopped with {code}");
        return new RequestReport(_outcomes, peak, _complaints);
    }

    private static async Task<RequestWorld> WorldAsync(Customer customer, HttpClient http)
    {
        var person = await new RollcallClient(http).RegisterAsync(
            new RegisterRequest { Email = $"{Guid.NewGuid():N}@example.com", Password = "correct horse battery", OrganizationName = "Requests" });
        var bearer = new RollcallClient(http, new RollcallClientOptions { Credential = RollcallCredential.FromToken(person.AccessToken) });
        var other = await new RollcallClient(http).RegisterAsync(
            new RegisterRequest { Email = $"{Guid.NewGuid():N}@example.com", Password = "correct horse battery", OrganizationName = "Requests" });
        var organization = person.Organization.Id;
        var key = await bearer.CreateApiKeyAsync(organization, new CreateApiKey { Name = "requests", Scopes = [Scopes.Batch, Scopes.FacesRead, Scopes.FacesWrite, Scopes.Identify, Scopes.Collections] });
        var collection = await bearer.CreateCollectionAsync(new CreateCollection { Name = "requests" });
        var api = new RollcallClient(http, new RollcallClientOptions { Credential = RollcallCredential.FromApiKey(key.Secret) });
        byte[] picture = [.. "GIF89a"u8, 200, 0, 200, 0, 0, 0, 0, 0x3b];
        var job = await api.SubmitBatchAsync(collection.Id, [new BatchEntry("a", ImageFile.FromBytes("a.gif", picture))]);
        await api.WaitForCompletionAsync(BatchAddress.InCollection(collection.Id, job.JobId));
        return new RequestWorld(organization, key.Secret, person.AccessToken, other.RefreshToken, collection.Id, job.JobId, picture);
    }

    private async Task SendAsync(Uri address, IReadOnlyList<RequestTarget> targets, int number)
    {
        var target = targets[number % targets.Count];
        var request = target.Make(new Random(unchecked((seed * 1_000_003) + number)));
        try
        {
            var answer = await RawHttp.SendAsync(address, (ReadOnlyMemory<byte>)request).WaitAsync(TimeLimit, TimeProvider.System);
            var outcome = answer.Status == 0 ? NoAnswer : $"{answer.Status}";
            Note(target.Name, outcome, Wrong(answer) is { } wrong ? $"request {number} ({target.Name}): {wrong}" : null);
        }
        catch (TimeoutException)
        {
            Note(target.Name, NoAnswer, $"request {number} ({target.Name}): no end within {TimeLimit.TotalSeconds} s");
        }
    }

    private static string? Wrong(RawAnswer answer)
    {
        if (answer.Status is 0 or < 400) return null;
        try
        {
            if (answer.Code is not { } code) return Bare.Contains(answer.Status) ? null : $"{answer.Status} without a code";
            if (ErrorCodes.StatusOf(code) is not { } status) return $"{answer.Status} {code} is not of the contract";
            if (status != answer.Status && (answer.Status, code) is not (405, ErrorCodes.InvalidRequest)) return $"{answer.Status} with {code}";
            return answer.Status >= 500 ? $"{answer.Status} {code}" : null;
        }
        catch (JsonException)
        {
            return $"an answer that is no JSON: {answer.Text[..Math.Min(answer.Text.Length, MostShown)]}";
        }
    }

    private void Note(string target, string outcome, string? complaint)
    {
        lock (_lock)
        {
            var row = _outcomes.TryGetValue(target, out var known) ? known : _outcomes[target] = new(StringComparer.Ordinal);
            row[outcome] = row.GetValueOrDefault(outcome) + 1;
            if (complaint is not null) _complaints.Add(complaint);
        }
    }

    private async Task StillEnrolsAsync(RollcallClient api, Customer customer)
    {
        var accepted = await api.SubmitBatchAsync(
            customer.Collection, [new BatchEntry("good", ImageFile.FromPath(photograph))], new BatchOptions { MultipleFaces = MultipleFaces.Largest, MinQuality = 0 });
        var job = await api.WaitForCompletionAsync(BatchAddress.InCollection(customer.Collection, accepted.JobId));
        if (job.Succeeded != 1) _complaints.Add("afterwards a good photograph is not enrolled");
    }

    /// <summary>What no handler answered, and what went wrong in the worker.</summary>
    private static IEnumerable<string> FaultsIn(string output)
    {
        var lines = output.Split('\n');
        return lines.Index().Where(line => line.Item.StartsWith("fail:", StringComparison.Ordinal) || line.Item.StartsWith("crit:", StringComparison.Ordinal))
            .Select(line => string.Join('\n', lines.Skip(line.Index).Take(Lines)));
    }
}
