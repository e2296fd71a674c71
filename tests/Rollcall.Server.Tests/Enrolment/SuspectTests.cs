using Rollcall.Server.Enrolment;

namespace Rollcall.Server.Tests.Enrolment;

public sealed class SuspectTests
{
    [Fact]
    public async Task After_a_kill_the_items_in_hand_come_back_one_by_one_each_alone()
    {
        await using var f = new QueueFixture();
        await f.SubmitAsync(await f.CollectionAsync(), ["a", "b", "c", "d"]);
        await f.ClaimAsync(2);

        Assert.Equal(2, await f.Queue.RescueAllAsync(CancellationToken.None));

        Assert.True((await f.Queue.ClaimAsync("w2", 10, handsFree: false, CancellationToken.None)).SuspectWaits);
        var first = Assert.Single(await f.ClaimAsync(10));
        Assert.True(first.Suspect);
        await f.CompleteAsync(first);
        await f.CompleteAsync(Assert.Single(await f.ClaimAsync(10)));
        Assert.Equal(["c", "d"], (await f.ClaimAsync(10)).Select(item => item.ExternalId));
    }

    [Fact]
    public async Task Only_a_death_alone_inside_the_decoder_counts_as_a_crash()
    {
        await using var f = new QueueFixture();
        await f.SubmitAsync(await f.CollectionAsync(), ["a"]);

        // In a handful: a kill, whatever it was doing.
        await f.ClaimAsync();
        await f.Queue.RescueAllAsync(CancellationToken.None);
        Assert.Equal(0, await CrashesAsync(f));

        // Alone, not yet in the decoder: a kill.
        await f.ClaimAsync();
        await f.Queue.RescueAllAsync(CancellationToken.None);
        Assert.Equal(0, await CrashesAsync(f));

        // Alone, in the decoder: a pause that cost the lease.
        await BeginAsync(f);
        f.Time.Advance(f.QueueOptions.Lease);
        await f.Queue.RescueExpiredAsync(CancellationToken.None);
        Assert.Equal(0, await CrashesAsync(f));

        // Alone, in the decoder: an outage.
        var item = await BeginAsync(f);
        await f.Queue.GiveBackAsync(item, TimeSpan.Zero, CancellationToken.None);
        Assert.Equal(0, await CrashesAsync(f));

        // Alone, in the decoder: the process ended.
        await BeginAsync(f);
        await f.Queue.RescueAllAsync(CancellationToken.None);
        Assert.Equal(1, await CrashesAsync(f));
    }

    [Fact]
    public async Task A_crash_brings_a_pause_that_grows()
    {
        await using var f = new QueueFixture();
        await f.SubmitAsync(await f.CollectionAsync(), ["a"]);
        await f.ClaimAsync();
        await f.Queue.RescueAllAsync(CancellationToken.None);
        foreach (var seconds in new[] { 2, 4, 6 })
        {
            await BeginAsync(f);
            await f.Queue.RescueAllAsync(CancellationToken.None);
            f.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.Empty(await f.ClaimAsync());
            f.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(3, Assert.Single(await f.ClaimAsync()).Crashes);
    }

    [Fact]
    public async Task A_fault_makes_a_suspect_and_counts_only_when_it_happened_alone()
    {
        await using var f = new QueueFixture();
        await f.SubmitAsync(await f.CollectionAsync(), ["a"]);

        await f.Queue.GiveBackFaultyAsync(Assert.Single(await f.ClaimAsync()), CancellationToken.None);
        Assert.Equal(0, await CrashesAsync(f));

        f.Time.Advance(f.QueueOptions.CrashPause);
        var alone = Assert.Single(await f.ClaimAsync());
        Assert.True(alone.Suspect);
        await f.Queue.GiveBackFaultyAsync(alone, CancellationToken.None);
        Assert.Equal(1, await CrashesAsync(f));
    }

    [Fact]
    public async Task A_restart_does_not_shorten_the_pause_of_a_crash_but_mends_one_of_a_clock_that_was_set()
    {
        await using var f = new QueueFixture();
        await f.SubmitAsync(await f.CollectionAsync(), ["a"]);
        await f.ClaimAsync();
        await f.Queue.RescueAllAsync(CancellationToken.None);
        await BeginAsync(f);
        await f.Queue.RescueAllAsync(CancellationToken.None);

        Assert.Equal(0, await f.Queue.RescueAllAsync(CancellationToken.None));
        Assert.Empty(await f.ClaimAsync());

        f.Time.AdjustTime(f.Time.GetUtcNow().AddHours(-1));
        Assert.Equal(0, await f.Queue.RescueAllAsync(CancellationToken.None));
        Assert.Single(await f.ClaimAsync());
    }

    [Fact]
    public async Task A_holder_that_lost_its_lease_may_not_begin()
    {
        await using var f = new QueueFixture();
        await f.SubmitAsync(await f.CollectionAsync(), ["a"]);
        var item = Assert.Single(await f.ClaimAsync());
        await f.Queue.RescueAllAsync(CancellationToken.None);

        Assert.False(await f.Queue.BeginAsync(item, CancellationToken.None));
    }

    private static async Task<ClaimedItem> BeginAsync(QueueFixture f)
    {
        var item = Assert.Single(await f.ClaimAsync());
        Assert.True(item.Suspect);
        Assert.True(await f.Queue.BeginAsync(item, CancellationToken.None));
        return item;
    }

    private static Task<long> CrashesAsync(QueueFixture f) => f.ScalarAsync<long>("SELECT crashes FROM work");
}
