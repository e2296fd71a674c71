namespace Rollcall.Cli.Enrol;

/// <summary>A job to submit.</summary>
/// <param name="Photographs">1 to 100.</param>
/// <param name="IsContinuation">Whether it goes on with the person of the job before, and begins only when that one has ended.</param>
internal sealed record PlannedJob(IReadOnlyList<long> Photographs, bool IsContinuation);

/// <summary>
/// Cuts photographs into jobs of at most 100, as few as filling them in turn gives, with all photographs of a person in one. A person with
/// more gets a sequence of jobs of their own, which is told as a first job and its continuations.
/// </summary>
internal static class JobCutter
{
    public const int Most = 100;

    /// <param name="photographs">With all of a person one after the other.</param>
    public static IEnumerable<PlannedJob> Cut(IEnumerable<(long Photograph, string ExternalId)> photographs)
    {
        List<long> job = [];
        foreach (var person in People(photographs))
        {
            if (person.Count + job.Count > Most && job.Count > 0)
            {
                yield return new(job, IsContinuation: false);
                job = [];
            }

            if (person.Count <= Most)
            {
                job.AddRange(person);
                continue;
            }

            foreach (var (part, chunk) in person.Chunk(Most).Index())
            {
                yield return new(chunk, IsContinuation: part > 0);
            }
        }

        if (job.Count > 0) yield return new(job, IsContinuation: false);
    }

    private static IEnumerable<List<long>> People(IEnumerable<(long Photograph, string ExternalId)> photographs)
    {
        List<long> person = [];
        string? id = null;
        foreach (var (photograph, externalId) in photographs)
        {
            if (externalId != id && person.Count > 0)
            {
                yield return person;
                person = [];
            }

            id = externalId;
            person.Add(photograph);
        }

        if (person.Count > 0) yield return person;
    }
}
