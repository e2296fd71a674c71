using CsCheck;
using Rollcall.Cli.Enrol;

namespace Rollcall.Cli.Tests.Enrol;

public sealed class JobCutterTests
{
    private static readonly Gen<int[]> People = Gen.OneOf(Gen.Int[1, 5], Gen.Int[1, 120], Gen.Int[95, 330]).Array[0, 40];

    [Fact]
    public void Every_photograph_is_in_one_job_and_a_person_in_as_few_as_can_be() => People.Sample(people =>
    {
        var photographs = people.SelectMany((count, person) => Enumerable.Range(0, count).Select(_ => $"person-{person}"))
            .Select((person, id) => ((long)id, person)).ToList();

        var jobs = JobCutter.Cut(photographs).ToList();

        Assert.Equal(photographs.Select(photograph => photograph.Item1), jobs.SelectMany(job => job.Photographs));
        Assert.All(jobs, job => Assert.InRange(job.Photographs.Count, 1, JobCutter.Most));
        var owner = photographs.ToDictionary(photograph => photograph.Item1, photograph => photograph.person);
        foreach (var (count, person) in people.Select((count, person) => (count, person)))
        {
            var theirs = jobs.Where(job => job.Photographs.Any(id => owner[id] == $"person-{person}")).ToList();
            Assert.Equal((count + JobCutter.Most - 1) / JobCutter.Most, theirs.Count);
            Assert.Equal(theirs.Count - 1, theirs.Count(job => job.IsContinuation));
        }
    });

    [Fact]
    public void A_person_with_more_than_fit_shares_no_job()
    {
        var photographs = Enumerable.Range(0, 250).Select(id => ((long)id, "many")).Append((250L, "one")).Prepend((-1L, "a")).ToList();

        var jobs = JobCutter.Cut(photographs).ToList();

        Assert.Equal([1, 100, 100, 50, 1], jobs.Select(job => job.Photographs.Count));
        Assert.Equal([false, false, true, true, false], jobs.Select(job => job.IsContinuation));
    }

    [Fact]
    public void Two_small_jobs_in_a_row_would_not_fit_in_one() => People.Sample(people =>
    {
        var photographs = people.SelectMany((count, person) => Enumerable.Repeat($"person-{person}", count)).Select((person, id) => ((long)id, person)).ToList();
        var jobs = JobCutter.Cut(photographs).ToList();
        var owner = photographs.ToDictionary(photograph => photograph.Item1, photograph => photograph.person);

        foreach (var (before, after) in jobs.Zip(jobs.Skip(1)).Where(pair => !pair.Second.IsContinuation && !pair.First.IsContinuation))
        {
            var next = after.Photographs.TakeWhile(id => owner[id] == owner[after.Photographs[0]]).Count();
            Assert.True(before.Photographs.Count + next > JobCutter.Most || before.Photographs.Count == JobCutter.Most);
        }
    });
}
