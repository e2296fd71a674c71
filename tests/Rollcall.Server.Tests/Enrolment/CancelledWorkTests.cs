using Rollcall.Client.Contracts;
using Rollcall.Server.Enrolment;

namespace Rollcall.Server.Tests.Enrolment;

public sealed class CancelledWorkTests
{
    private static readonly Dictionary<string, Func<QueueFixture, ClaimedItem, Task>> Ends = new(StringComparer.Ordinal)
    {
        ["given back"] = (f, item) => f.Queue.GiveBackAsync(item, TimeSpan.Zero, CancellationToken.None),
        ["given back faulty"] = (f, item) => f.Queue.GiveBackFaultyAsync(item, CancellationToken.None),
        ["rescued at boot"] = (f, _) => f.Queue.RescueAllAsync(CancellationToken.None),
        ["run out"] = (f, _) =>
        {
            f.Time.Advance(f.QueueOptions.Lease);
            return f.Queue.RescueExpiredAsync(CancellationToken.None);
        },
        ["to be decoded after all"] = async (f, item) => Assert.Equal(Completion.NeedsDecoding, await f.CompleteAsync(item, new ItemResult.NotDecoded())),
    };

    public static TheoryData<string> AllEnds => [.. Ends.Keys];

    [Theory]
    [MemberData(nameof(AllEnds))]
    public async Task A_lease_that_ends_without_completion_ends_its_item_which_never_runs_again(string end)
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        var job = await f.SubmitAsync(collection, ["held", "waits"]);
        var other = await f.SubmitAsync(collection, ["other"]);
        var held = Assert.Single(await f.ClaimAsync(1));
        Assert.True(await CancelAsync(f, job));
        var meanwhile = (await f.JobAsync(job))!;
        Assert.Equal((JobStatus.Processing, 1, 1), (meanwhile.Status, meanwhile.Processed, meanwhile.Failed));
        Assert.NotNull(meanwhile.CancelledAt);
        Assert.Null(meanwhile.CompletedAt);

        await Ends[end](f, held);

        var ended = (await f.JobAsync(job))!;
        Assert.Equal((JobStatus.Done, 2, 2), (ended.Status, ended.Processed, ended.Failed));
        Assert.All(ended.Results!, item => Assert.Equal(ErrorCodes.Cancelled, item.Error!.Code));
        Assert.Equal(meanwhile.CancelledAt, ended.CancelledAt);
        Assert.NotNull(ended.ExpiresAt);
        await JobBooks.CheckAsync(f.Database);

        f.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(other, Assert.Single(await f.ClaimAsync()).JobId);
        Assert.Equal(Completion.LeaseLost, await f.CompleteAsync(held));
        Assert.Equal(0, await f.ScalarAsync<long>("SELECT COUNT(*) FROM face"));
    }

    [Fact]
    public async Task What_is_worked_on_may_finish()
    {
        await using var f = new QueueFixture();
        var job = await f.SubmitAsync(await f.CollectionAsync(), ["a", "b", "c"]);
        var items = await f.ClaimAsync(2);
        await f.CompleteAsync(items[0]);

        await CancelAsync(f, job);
        f.Time.Advance(f.QueueOptions.Lease / 2);
        Assert.Single(await f.Queue.RenewAsync(QueueFixture.Worker, [items[1].Key], CancellationToken.None));
        Assert.Equal(Completion.Committed, await f.CompleteAsync(items[1], QueueFixture.Face(1)));

        var ended = (await f.JobAsync(job))!;
        Assert.Equal((JobStatus.Done, 2, 1), (ended.Status, ended.Succeeded, ended.Failed));
        Assert.Equal([ItemOutcome.Enrolled, ItemOutcome.Enrolled, ItemOutcome.Failed], ended.Results!.Select(item => item.Outcome));
        Assert.Equal(2, await f.ScalarAsync<long>("SELECT COUNT(*) FROM face"));
        await JobBooks.CheckAsync(f.Database);
    }

    [Fact]
    public async Task A_lease_that_has_run_out_is_none_though_nobody_has_rescued_it_yet()
    {
        await using var f = new QueueFixture();
        var job = await f.SubmitAsync(await f.CollectionAsync(), ["a"]);
        var slept = Assert.Single(await f.ClaimAsync());
        f.Time.Advance(f.QueueOptions.Lease);

        await CancelAsync(f, job);

        Assert.Equal(JobStatus.Done, (await f.JobAsync(job))!.Status);
        Assert.Equal(Completion.LeaseLost, await f.CompleteAsync(slept));
        Assert.Equal(0, await f.Queue.RescueExpiredAsync(CancellationToken.None));
        await JobBooks.CheckAsync(f.Database);
    }

    [Fact]
    public async Task A_cancelled_job_never_ends_failed_as_a_whole()
    {
        await using var f = new QueueFixture();
        var job = await f.SubmitAsync(await f.CollectionAsync(), ["a"]);
        var held = Assert.Single(await f.ClaimAsync());
        await CancelAsync(f, job);

        Assert.False(await f.Queue.FailJobAsync(job, ErrorCodes.ModelMismatch, "Another pack.", CancellationToken.None));
        await f.CompleteAsync(held, new ItemResult.Failed(ErrorCodes.ModelMismatch, "Another pack."));

        var ended = (await f.JobAsync(job))!;
        Assert.Equal(JobStatus.Done, ended.Status);
        Assert.Equal(ErrorCodes.ModelMismatch, Assert.Single(ended.Results!).Error!.Code);
    }

    [Fact]
    public async Task A_finished_job_and_one_that_failed_stay_as_they_are_and_a_repeat_changes_nothing()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        var (done, failed, cancelled) = (await f.SubmitAsync(collection, ["a"]), await f.SubmitAsync(collection, ["b"]), await f.SubmitAsync(collection, ["c"]));
        await f.CompleteAsync(Assert.Single(await f.ClaimAsync(1)));
        await f.Queue.FailJobAsync(failed, ErrorCodes.ModelMismatch, "Another pack.", CancellationToken.None);
        Assert.True(await CancelAsync(f, cancelled));
        var before = await ViewAsync();
        f.Time.Advance(TimeSpan.FromMinutes(1));

        foreach (var job in new[] { done, failed, cancelled }) Assert.True(await CancelAsync(f, job));

        Assert.Equal(before, await ViewAsync());
        Assert.Null((await f.JobAsync(done))!.CancelledAt);
        Assert.Null((await f.JobAsync(failed))!.CancelledAt);
        await JobBooks.CheckAsync(f.Database);

        async Task<string> ViewAsync()
        {
            var jobs = new List<BatchJob?>();
            foreach (var job in new[] { done, failed, cancelled }) jobs.Add(await f.JobAsync(job));
            return string.Join('\n', jobs.Select(job => System.Text.Json.JsonSerializer.Serialize(job, RollcallJson.Options)));
        }
    }

    [Fact]
    public async Task Another_organizations_job_one_of_another_collection_and_one_that_has_expired_are_unknown()
    {
        await using var f = new QueueFixture();
        var (mine, others) = (await f.CollectionAsync(), await f.CollectionAsync("org_b"));
        var job = await f.SubmitAsync(mine, ["a"]);

        Assert.False(await f.Queue.CancelAsync("org_b", null, job, CancellationToken.None));
        Assert.False(await f.Queue.CancelAsync("org_b", mine, job, CancellationToken.None));
        Assert.False(await f.Queue.CancelAsync("org_a", others, job, CancellationToken.None));
        Assert.False(await f.Queue.CancelAsync("org_a", null, "none", CancellationToken.None));
        Assert.Null((await f.JobAsync(job))!.CancelledAt);

        Assert.True(await f.Queue.CancelAsync("org_a", mine, job, CancellationToken.None));
        f.Time.Advance(f.QueueOptions.KeepJobs);
        Assert.False(await CancelAsync(f, job));
    }

    [Fact]
    public async Task While_workers_claim_complete_give_back_and_lose_leases_a_cancellation_takes_each_item_once_or_not_at_all()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        var jobs = new List<string>();
        for (var i = 0; i < 12; i++) jobs.Add(await f.SubmitAsync(collection, [.. Enumerable.Range(0, 8).Select(k => $"{i}-{k}")], image: $"{i}-"));

        var workers = Enumerable.Range(0, 4).Select(worker => Task.Run(() => WorkAsync(f, $"w{worker}", new Random(worker)))).ToArray();
        var cancelling = Task.Run(async () =>
        {
            foreach (var job in jobs.Where((_, i) => i % 2 == 1))
            {
                await Task.Yield();
                await CancelAsync(f, job);
                await JobBooks.CheckAsync(f.Database);
            }
        });
        await Task.WhenAll([.. workers, cancelling]);
        await f.Queue.RescueAllAsync(CancellationToken.None);
        await WorkAsync(f, "last", null);

        await JobBooks.CheckAsync(f.Database);
        foreach (var (job, i) in jobs.Select((job, i) => (job, i)))
        {
            var ended = (await f.JobAsync(job))!;
            Assert.Equal((JobStatus.Done, 8), (ended.Status, ended.Processed));
            if (i % 2 == 0) Assert.Equal(8, ended.Succeeded);
            else Assert.All(ended.Results!.Where(item => !item.Success), item => Assert.Equal(ErrorCodes.Cancelled, item.Error!.Code));
        }

        Assert.Equal(
            await f.ScalarAsync<long>("SELECT COUNT(*) FROM job_item WHERE outcome = 'enrolled'"), await f.ScalarAsync<long>("SELECT COUNT(*) FROM face WHERE state = 0"));
        Assert.Equal(0, await f.ScalarAsync<long>("SELECT COUNT(*) FROM work"));
    }

    /// <summary>A worker that finishes most of what it claims and, with a die, lets go of the rest in every way that there is.</summary>
    private static async Task WorkAsync(QueueFixture f, string worker, Random? die)
    {
        while (await f.ClaimAsync(3, worker) is { Count: > 0 } items)
        {
            foreach (var item in items)
            {
                switch (die?.Next(6))
                {
                    case 0:
                        await f.Queue.GiveBackAsync(item, TimeSpan.Zero, CancellationToken.None);
                        break;
                    case 1:
                        await f.CompleteAsync(item, new ItemResult.NotDecoded());
                        break;
                    case 2:
                        break; // forgotten, until somebody rescues it
                    default:
                        await f.CompleteAsync(item);
                        break;
                }
            }
        }
    }

    private static Task<bool> CancelAsync(QueueFixture f, string job) => f.Queue.CancelAsync("org_a", null, job, CancellationToken.None);
}
