using CsCheck;
using Rollcall.Cli.Sources;
using Rollcall.Cli.Sync;

namespace Rollcall.Cli.Tests.Sync;

public sealed class PersonPlanTests
{
    [Fact]
    public void What_is_on_both_sides_is_left_alone()
    {
        var plan = Plan(["1", "2"], ["1", "2"]);

        Assert.Equal("add ; change ; remove ; leave 2", Told(plan));
    }

    [Fact]
    public void Another_photograph_is_added()
    {
        var plan = Plan(["1", "2"], ["1"]);

        Assert.Equal("add 2; change ; remove ; leave 1", Told(plan));
    }

    [Fact]
    public void A_changed_photograph_takes_the_place_of_what_its_file_was()
    {
        var plan = Plan(["a", "b<3", "1"], ["1", "2", "3"]);

        Assert.Equal("add ; change b for 3, a for 2; remove ; leave 1", Told(plan));
    }

    [Fact]
    public void A_photograph_that_is_gone_goes() => Assert.Equal("add ; change ; remove 2; leave 1", Told(Plan(["1"], ["1", "2"])));

    [Fact]
    public void Who_has_no_file_left_leaves()
    {
        var plan = Plan([], ["1", "2"]);

        Assert.True(plan.Leaves);
        Assert.Equal(2, plan.Removed.Count);
    }

    [Fact]
    public void More_gone_than_new_counts_as_removed() => Assert.Equal("add ; change 9 for 1; remove 2, 3; leave 0", Told(Plan(["9"], ["1", "2", "3"])));

    [Theory]
    [InlineData("bad!")]
    [InlineData("gone?")]
    public void Beside_a_photograph_that_is_not_enrolled_nothing_goes_without_another_in_its_place(string bad)
    {
        var plan = Plan([bad, "1"], ["1", "2"]);

        Assert.Empty(plan.Removed);
        Assert.Equal((1, 1), (plan.Kept, plan.NotEnrolled.Count));
    }

    [Fact]
    public void A_refused_photograph_does_not_hold_up_a_good_one() => Assert.Equal("add ; change 2 for 1; remove ; leave 0", Told(Plan(["bad!", "2"], ["1"])));

    [Fact]
    public void A_photograph_that_stands_is_good_whatever_was_said_of_it_once()
    {
        var plan = Plan(["1!", "2"], ["1"]);

        Assert.Equal("add 2; change ; remove ; leave 1", Told(plan));
        Assert.Empty(plan.NotEnrolled);
    }

    [Fact]
    public void A_file_that_cannot_be_read_may_be_any_that_seems_gone() => Assert.Equal("add 2; change ; remove ; leave 0", Told(Plan(["1?", "2"], ["1"])));

    [Fact]
    public void The_same_bytes_twice_are_sent_once() => Assert.Single(Plan(["1", "1"], []).Added);

    [Fact]
    public void What_an_interrupted_sync_has_replaced_goes_and_counts_as_changed()
    {
        var plan = PersonPlan.Of("anna", [new("new", "new", null)], [new("face-old", "old", IsReplaced: true), new("face-new", "new")]);

        Assert.Equal("face-old", Assert.Single(plan.Replaced).FaceId);
        Assert.Empty(plan.Removed);
    }

    [Fact]
    public void Who_has_more_photographs_than_there_may_be_gets_as_many_as_there_may_be()
    {
        var plan = Plan([.. Names("n", 125)], [.. Names("s", 60)]);

        Assert.Equal((40, 60, 25, 30), (plan.Added.Count, plan.Changed.Count, plan.NotEnrolled.Count, plan.MakeRoom));
    }

    /// <summary>Whatever becomes of what is sent: nobody is ever without a reference, and a failure costs nothing.</summary>
    [Fact]
    public void A_bad_picture_never_takes_a_good_one_with_it()
    {
        var names = Gen.Int[0, 9].Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Gen.Select(names.HashSet[0, 8], names.HashSet[0, 8], names.HashSet[0, 10], names.HashSet[0, 3]).Sample((here, there, good, refused) =>
        {
            LocalPhotograph[] local = [.. here.Select(name => Local(refused.Contains(name) ? $"{name}!" : name))];
            var plan = PersonPlan.Of("anna", local, Standing([.. there]));
            var after = After(plan, there, good);
            if (here.Count == 0) return after.Count == 0;

            // Sent are those that neither stand nor were refused; what could not be enrolled costs no more references than were exchanged.
            var enrolled = here.Where(name => !there.Contains(name) && !refused.Contains(name) && good.Contains(name)).ToHashSet();
            var failed = here.Where(name => !there.Contains(name) && !enrolled.Contains(name)).ToList();
            var gone = there.Except(after).ToList();
            var isNeverWithout = there.Count == 0 || after.Count > 0;
            var isComplete = enrolled.IsSubsetOf(after) && there.Where(here.Contains).All(after.Contains);
            var isPaid = failed.Count == 0 ? after.SetEquals(here) : gone.Count <= enrolled.Count;

            // And the next night, with what was refused remembered, there is nothing more to do.
            LocalPhotograph[] next = [.. here.Select(name => Local(failed.Contains(name) ? $"{name}!" : name))];
            var again = PersonPlan.Of("anna", next, Standing([.. after]));
            return isNeverWithout && isComplete && isPaid && again.Added.Count + again.Changed.Count + again.Removed.Count == 0;
        });
    }

    [Theory]
    [InlineData(5, true, 5, 100, true)]
    [InlineData(5, true, 6, 100, false)]
    [InlineData(5, true, 0, 0, true)]
    [InlineData(5, true, 1, 19, false)]
    [InlineData(20, false, 20, 20, true)]
    [InlineData(20, false, 21, 1000, false)]
    public void The_limit_holds_exactly(double value, bool isShare, int removed, int standing, bool allowed) =>
        Assert.Equal(allowed, new RemovalLimit(value, isShare).Allows(removed, standing));

    /// <summary>The references after a run in which of what is sent only the good ones succeed.</summary>
    private static HashSet<string> After(PersonPlan plan, HashSet<string> there, HashSet<string> good)
    {
        var after = there.ToHashSet();
        var sent = plan.Added.Concat(plan.Changed.Select(exchange => exchange.Photograph)).Select(photograph => photograph.Sha256!).ToList();
        after.UnionWith(sent.Where(good.Contains));
        after.ExceptWith(plan.Changed.Where(exchange => good.Contains(exchange.Photograph.Sha256!)).Select(exchange => exchange.Face.Sha256));
        if (sent.TrueForAll(good.Contains)) after.ExceptWith(plan.Removed.Select(face => face.Sha256));
        return after;
    }

    /// <summary>Photographs by their bytes: refused with "!", unreadable with "?", and what the file was before after a "&lt;".</summary>
    private static PersonPlan Plan(string[] local, string[] standing) => PersonPlan.Of("anna", [.. local.Select(Local)], Standing(standing));

    private static LocalPhotograph Local(string name)
    {
        var bytes = name.Split('<')[0];
        var refusal = bytes[^1] is '!' or '?' ? new Refusal(bytes[^1] == '?' ? Refusal.FileNotReadable : "FACE_NOT_DETECTED", "no") : null;
        return new(name, bytes[^1] == '?' ? null : bytes.TrimEnd('!'), refusal) { Before = name.Contains('<') ? name.Split('<')[1] : null };
    }

    private static StandingFace[] Standing(string[] names) => [.. names.Select(name => new StandingFace($"face-{name}", name))];

    private static IEnumerable<string> Names(string prefix, int count) => Enumerable.Range(0, count).Select(n => $"{prefix}{n:D3}");

    private static string Told(PersonPlan plan) =>
        $"add {string.Join(", ", plan.Added.Select(photograph => photograph.Sha256))}; "
        + $"change {string.Join(", ", plan.Changed.Select(exchange => $"{exchange.Photograph.Sha256} for {exchange.Face.Sha256}"))}; "
        + $"remove {string.Join(", ", plan.Removed.Select(face => face.Sha256))}; leave {plan.Unchanged}";
}
