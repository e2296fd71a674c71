using Rollcall.Cli.Sync;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Tests.Sync;

public sealed class SyncPlanTests
{
    [Fact]
    public void What_is_on_both_sides_is_left_alone()
    {
        var plan = Plan(["a/1", "a/2", "b/3"], ["a/1", "a/2", "b/3"]);

        Assert.True(plan.IsEmpty);
        Assert.Equal(3, plan.Unchanged);
    }

    [Fact]
    public void Somebody_new_and_another_photograph_are_appended()
    {
        var plan = Plan(["a/1", "a/2", "b/3"], ["a/1"]);

        Assert.Equal([("a/2", OnDuplicate.Append), ("b/3", OnDuplicate.Append)], Uploads(plan));
        Assert.Equal((2, 0, 0, 1), (plan.Added, plan.Changed, plan.Removed, plan.Unchanged));
    }

    [Fact]
    public void A_changed_photograph_replaces_with_all_that_the_person_has()
    {
        var plan = Plan(["a/1", "a/9"], ["a/1", "a/2"]);

        Assert.Equal([("a/1", OnDuplicate.Replace), ("a/9", OnDuplicate.Replace)], Uploads(plan));
        Assert.Empty(plan.Removals);
        Assert.Equal((0, 1, 0, 1), (plan.Added, plan.Changed, plan.Removed, plan.Unchanged));
    }

    [Fact]
    public void A_photograph_that_is_gone_goes_and_who_has_none_left_is_erased()
    {
        var plan = Plan(["a/1"], ["a/1", "a/2", "b/3", "b/4"]);

        Assert.Collection(
            plan.Removals,
            removal => Assert.Equal(("a", "face-a/2", 1), (removal.ExternalId, Assert.Single(removal.FaceIds!), removal.Faces)),
            removal => Assert.Equal(("b", null, 2), (removal.ExternalId, removal.FaceIds, removal.Faces)));
        Assert.Equal(3, plan.Removed);
    }

    [Fact]
    public void More_gone_than_new_counts_as_removed()
    {
        var plan = Plan(["a/9"], ["a/1", "a/2", "a/3"]);

        Assert.Equal((0, 1, 2), (plan.Added, plan.Changed, plan.Removed));
        Assert.Equal([("a/9", OnDuplicate.Replace)], Uploads(plan));
    }

    [Fact]
    public void Who_has_refused_photographs_alone_keeps_what_stands()
    {
        var plan = Plan(["a/bad!"], ["a/1"]);

        Assert.True(plan.IsEmpty);
        Assert.Equal((1, 1), (plan.Kept, plan.KnownBad));
    }

    [Fact]
    public void A_refused_photograph_does_not_hold_up_a_good_one()
    {
        var plan = Plan(["a/bad!", "a/2"], ["a/1"]);

        Assert.Equal([("a/2", OnDuplicate.Replace)], Uploads(plan));
        Assert.Equal(1, plan.KnownBad);
    }

    [Fact]
    public void A_file_that_cannot_be_read_removes_nobody()
    {
        var plan = Plan(["a/?", "a/2"], ["a/1", "a/2"]);

        Assert.True(plan.IsEmpty);
        Assert.Equal(1, plan.Kept);
    }

    [Fact]
    public void The_same_bytes_twice_are_sent_once() => Assert.Single(Plan(["a/1", "a/1"], []).Uploads);

    [Theory]
    [InlineData(5, true, 5, 100, true)]
    [InlineData(5, true, 6, 100, false)]
    [InlineData(5, true, 0, 0, true)]
    [InlineData(5, true, 1, 19, false)]
    [InlineData(20, false, 20, 20, true)]
    [InlineData(20, false, 21, 1000, false)]
    public void The_limit_holds_exactly(double value, bool isShare, int removed, int standing, bool allowed) =>
        Assert.Equal(allowed, new RemovalLimit(value, isShare).Allows(removed, standing));

    /// <summary>A photograph as PERSON/BYTES, refused with "!", unreadable with "?".</summary>
    private static SyncPlan Plan(string[] local, string[] standing) => SyncPlan.Create(
        local.GroupBy(Person).ToDictionary(
            group => group.Key,
            group => group.Select(name => new LocalPhotograph(name, name.EndsWith('?') ? null : name, name.EndsWith('!'))).ToList()),
        standing.GroupBy(Person).ToDictionary(group => group.Key, group => group.Select(name => new StandingFace($"face-{name}", name)).ToList()));

    private static string Person(string name) => name.Split('/')[0];

    private static IEnumerable<(string, OnDuplicate)> Uploads(SyncPlan plan) => plan.Uploads.Select(upload => (upload.Photograph.Location, upload.OnDuplicate));
}
