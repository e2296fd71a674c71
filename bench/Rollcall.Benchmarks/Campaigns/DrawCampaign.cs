using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>What one draw came to.</summary>
internal sealed record DrawReport(int Draw, int People, int Enrolled, int Probes, int FoundAtThreshold, int FoundFirst, int Strangers, int Matched)
{
    public double EnrolledShare => (double)Enrolled / People;

    public double FoundShare => (double)FoundAtThreshold / Probes;

    public double FirstShare => (double)FoundFirst / Probes;

    public double MatchedShare => (double)Matched / Strangers;

    public static DrawReport Sum(IReadOnlyList<DrawReport> reports) => new(
        -1,
        reports.Sum(r => r.People),
        reports.Sum(r => r.Enrolled),
        reports.Sum(r => r.Probes),
        reports.Sum(r => r.FoundAtThreshold),
        reports.Sum(r => r.FoundFirst),
        reports.Sum(r => r.Strangers),
        reports.Sum(r => r.Matched));
}

/// <summary>
/// A hundred people of LFW who have more than one photograph are enrolled with the first of them through one batch job; up to three
/// others of each are looked for, and so is a photograph of each of a hundred people who are not there. The draws are fixed.
/// </summary>
internal sealed class DrawCampaign(string faces, Customer customer, RollcallClient api)
{
    private const int People = 100;
    private const int OthersOfEach = 3;

    public async Task<DrawReport> RunAsync(int draw)
    {
        var (people, strangers) = Draw(draw);
        var here = await customer.WithNewCollectionAsync(api);
        var accepted = await api.SubmitBatchAsync(
            here.Collection,
            [.. people.Select(person => new BatchEntry(person, ImageFile.FromPath(Photograph(person, 1))))],
            new BatchOptions { MultipleFaces = MultipleFaces.Largest });
        var job = await api.WaitForCompletionAsync(BatchAddress.InCollection(here.Collection, accepted.JobId));
        var enrolled = job.Results!.Where(item => item.Success).Select(item => item.ExternalId!).ToList();

        var (probes, found, first) = (0, 0, 0);
        foreach (var person in enrolled)
        {
            for (var other = 2; other <= 1 + OthersOfEach && File.Exists(Photograph(person, other)); other++)
            {
                probes++;
                if (await IdentifyAsync(here, person, other, null) == person) found++;
                if (await IdentifyAsync(here, person, other, 0) == person) first++;
            }
        }

        var matched = 0;
        foreach (var stranger in strangers)
            if (await IdentifyAsync(here, stranger, 1, null) is not null) matched++;
        return new DrawReport(draw, People, enrolled.Count, probes, found, first, strangers.Count, matched);
    }

    private async Task<string?> IdentifyAsync(Customer here, string person, int photograph, double? threshold)
    {
        try
        {
            var answer = await api.IdentifyAsync(here.Collection, ImageFile.FromPath(Photograph(person, photograph)), new IdentifyOptions { Threshold = threshold });
            return answer.Matches is [var best, ..] ? best.ExternalId : null;
        }
        catch (RollcallException e) when (e.Code == ErrorCodes.FaceNotDetected)
        {
            return null; // A photograph without a face is one in which the person was not found.
        }
    }

    private string Photograph(string person, int number) => Path.Combine(faces, "lfw", person, $"{person}_{number:D4}.jpg");

    private (List<string> People, List<string> Strangers) Draw(int draw)
    {
        var all = Directory.EnumerateDirectories(Path.Combine(faces, "lfw")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToArray();
        new Random(draw).Shuffle(all);
        var people = all.Where(person => File.Exists(Photograph(person, 2))).Take(People).ToList();
        return (people, [.. all.Except(people).Take(People)]);
    }
}
