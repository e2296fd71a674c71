using Rollcall.Client.Contracts;
using Rollcall.Server.Enrolment;

namespace Rollcall.Server.Tests.Enrolment;

public sealed class LeaseTests
{
    [Fact]
    public async Task A_claim_gives_no_more_than_was_asked_and_nothing_twice()
    {
        await using var f = new QueueFixture();
        await f.SubmitAsync(await f.CollectionAsync(), ["a", "b", "c"]);

        var first = await f.ClaimAsync(2);
        var second = await f.ClaimAsync(2);

        Assert.Equal(["a", "b"], first.Select(item => item.ExternalId));
        Assert.Equal(["c"], second.Select(item => item.ExternalId));
        Assert.Empty(await f.ClaimAsync());
    }

    [Fact]
    public async Task An_item_that_was_rescued_can_be_completed_by_its_new_holder_alone_and_once()
    {
        await using var f = new QueueFixture();
        var job = await f.SubmitAsync(await f.CollectionAsync(), ["a"]);
        var paused = Assert.Single(await f.ClaimAsync());
        f.Time.Advance(f.QueueOptions.Lease);
        Assert.Equal(1, await f.Queue.RescueExpiredAsync(CancellationToken.None));
        var holder = Assert.Single(await f.ClaimAsync(worker: "w2"));

        Assert.Equal(Completion.LeaseLost, await f.CompleteAsync(paused));
        Assert.Equal(0, (await f.JobAsync(job))!.Processed);
        Assert.Equal(Completion.Committed, await f.CompleteAsync(holder));
        Assert.Equal(Completion.LeaseLost, await f.CompleteAsync(holder));

        Assert.Equal(1, await f.ScalarAsync<long>("SELECT COUNT(*) FROM face"));
        Assert.Equal((1, 1, JobStatus.Done), await CountsAsync(f, job));
    }

    [Fact]
    public async Task An_item_that_was_rescued_and_not_claimed_again_cannot_be_completed()
    {
        await using var f = new QueueFixture();
        await f.SubmitAsync(await f.CollectionAsync(), ["a"]);
        var paused = Assert.Single(await f.ClaimAsync());
        f.Time.Advance(f.QueueOptions.Lease);
        await f.Queue.RescueExpiredAsync(CancellationToken.None);

        Assert.Equal(Completion.LeaseLost, await f.CompleteAsync(paused));
        Assert.Equal(0, await f.ScalarAsync<long>("SELECT COUNT(*) FROM face"));
    }

    [Fact]
    public async Task A_lost_lease_in_a_group_leaves_the_others_alone()
    {
        await using var f = new QueueFixture();
        var job = await f.SubmitAsync(await f.CollectionAsync(), ["a", "b", "c"]);
        var items = await f.ClaimAsync();
        await f.Queue.GiveBackAsync(items[1], TimeSpan.Zero, CancellationToken.None);

        var answers = await f.CompleteAsync([.. items.Select(item => (item, (ItemResult)QueueFixture.Face()))]);

        Assert.Equal([Completion.Committed, Completion.LeaseLost, Completion.Committed], answers);
        Assert.Equal((2, 2, JobStatus.Processing), await CountsAsync(f, job));
    }

    [Fact]
    public async Task A_worker_that_slept_may_bring_its_old_and_its_new_result_of_an_item_together()
    {
        await using var f = new QueueFixture();
        var job = await f.SubmitAsync(await f.CollectionAsync(), ["a"]);
        var slept = Assert.Single(await f.ClaimAsync());
        f.Time.Advance(f.QueueOptions.Lease);
        await f.Queue.RescueExpiredAsync(CancellationToken.None);
        var again = Assert.Single(await f.ClaimAsync());

        var answers = await f.CompleteAsync((slept, QueueFixture.Face()), (again, QueueFixture.Face()));

        Assert.Equal([Completion.LeaseLost, Completion.Committed], answers);
        Assert.Equal((1, 1, JobStatus.Done), await CountsAsync(f, job));
    }

    [Fact]
    public async Task A_lease_is_renewed_until_its_deadline_and_not_beyond()
    {
        await using var f = new QueueFixture();
        await f.SubmitAsync(await f.CollectionAsync(), ["a"]);
        var item = Assert.Single(await f.ClaimAsync());
        var third = f.QueueOptions.Lease / 3;

        for (var passed = third; passed < f.QueueOptions.MaxRun; passed += third)
        {
            f.Time.Advance(third);
            Assert.Contains(item.Key, await f.Queue.RenewAsync(QueueFixture.Worker, [item.Key], CancellationToken.None));
            Assert.Equal(0, await f.Queue.RescueExpiredAsync(CancellationToken.None));
        }

        f.Time.Advance(third);
        Assert.Empty(await f.Queue.RenewAsync(QueueFixture.Worker, [item.Key], CancellationToken.None));
        f.Time.Advance(f.QueueOptions.Lease);
        Assert.Equal(1, await f.Queue.RescueExpiredAsync(CancellationToken.None));
    }

    [Fact]
    public async Task An_item_that_its_worker_has_let_go_of_is_not_renewed_with_the_others()
    {
        await using var f = new QueueFixture();
        await f.SubmitAsync(await f.CollectionAsync(), ["a", "b"]);
        var items = await f.ClaimAsync();

        f.Time.Advance(f.QueueOptions.Lease / 2);
        await f.Queue.RenewAsync(QueueFixture.Worker, [items[0].Key], CancellationToken.None);
        f.Time.Advance(f.QueueOptions.Lease / 2);

        Assert.Equal(1, await f.Queue.RescueExpiredAsync(CancellationToken.None));
        Assert.Equal("b", Assert.Single(await f.ClaimAsync()).ExternalId);
    }

    [Fact]
    public async Task Renewing_does_not_bring_back_a_lease_that_ran_out()
    {
        await using var f = new QueueFixture();
        await f.SubmitAsync(await f.CollectionAsync(), ["a"]);
        var item = Assert.Single(await f.ClaimAsync());
        f.Time.Advance(f.QueueOptions.Lease);

        Assert.Empty(await f.Queue.RenewAsync(QueueFixture.Worker, [item.Key], CancellationToken.None));
    }

    [Fact]
    public void The_clock_of_leases_does_not_follow_a_wall_clock_that_is_set()
    {
        var time = new WallClock();
        var clock = new LeaseClock(time);
        var before = clock.Now;

        time.SetForward = TimeSpan.FromHours(5);
        Assert.Equal(before, clock.Now);
        time.SetForward = TimeSpan.FromHours(-5);
        time.Passed = TimeSpan.FromSeconds(7);
        Assert.Equal(before + 7000, clock.Now);
    }

    [Fact]
    public async Task What_is_given_back_is_ready_again_after_its_pause_and_nothing_is_counted_against_it()
    {
        await using var f = new QueueFixture();
        await f.SubmitAsync(await f.CollectionAsync(), ["a"]);
        var item = Assert.Single(await f.ClaimAsync());

        await f.Queue.GiveBackAsync(item, TimeSpan.FromSeconds(2), CancellationToken.None);

        Assert.Empty(await f.ClaimAsync());
        f.Time.Advance(TimeSpan.FromSeconds(2));
        var again = Assert.Single(await f.ClaimAsync());
        Assert.Equal(0, again.Crashes);
        Assert.False(again.Suspect);
    }

    [Fact]
    public async Task A_tenant_with_a_thousand_jobs_does_not_hold_up_anothers_one()
    {
        await using var f = new QueueFixture();
        var (big, small) = (await f.CollectionAsync("org_big"), await f.CollectionAsync("org_small"));
        for (var i = 0; i < 1000; i++) await f.SubmitAsync(big, [$"{i}"], organization: "org_big");
        foreach (var item in await f.ClaimAsync(20)) await f.CompleteAsync(item, new ItemResult.Failed(ErrorCodes.FaceNotDetected, ""));
        await f.SubmitAsync(small, ["only"], organization: "org_small");

        var next = await f.ClaimAsync(4);

        Assert.Contains("only", next.Select(item => item.ExternalId));
    }

    [Fact]
    public async Task A_steady_stream_of_small_jobs_does_not_starve_a_long_import()
    {
        await using var f = new QueueFixture();
        var (big, small) = (await f.CollectionAsync("org_big"), await f.CollectionAsync("org_small"));
        await f.SubmitAsync(big, [.. Enumerable.Range(0, 100).Select(n => $"{n}")], organization: "org_big");

        var imported = 0;
        for (var round = 0; round < 40; round++)
        {
            await f.SubmitAsync(small, [$"s{round}"], organization: "org_small");
            var item = Assert.Single(await f.ClaimAsync(1));
            if (item.OrganizationId == "org_big") imported++;
            await f.CompleteAsync(item, new ItemResult.Failed(ErrorCodes.FaceNotDetected, ""));
        }

        Assert.InRange(imported, 15, 25);
    }

    private static async Task<(int Processed, int Succeeded, JobStatus Status)> CountsAsync(QueueFixture f, string job)
    {
        var found = (await f.JobAsync(job))!;
        return (found.Processed, found.Succeeded, found.Status);
    }

    /// <summary>A machine whose clock somebody sets while time goes on.</summary>
    private sealed class WallClock : TimeProvider
    {
        public TimeSpan SetForward { get; set; }

        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(56) + Passed + SetForward;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
