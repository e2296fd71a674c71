using Rollcall.Server.Batches;

namespace Rollcall.Server.Tests.Batches;

public sealed class EventPositionTests
{
    private const string Job = "01a20ec2-398c-74cd-b0a8-6b651d4a31e6";

    [Fact]
    public void Every_position_comes_back_from_its_id_and_from_that_of_no_other_job()
    {
        var random = new Random(2718);
        for (var round = 0; round < 1000; round++)
        {
            var indexes = Enumerable.Range(0, 100).Where(_ => random.Next(4) == 0).ToList();
            var position = indexes.Aggregate(new EventPosition(0, IsEnd: round % 2 == 1), (told, index) => told.With(index));

            Assert.True(EventPosition.TryParse(position.ToId(Job), Job, out var back));
            Assert.Equal(position, back);
            Assert.Equal(indexes, Enumerable.Range(0, 100).Where(back.Has));
            Assert.False(EventPosition.TryParse(position.ToId(Job), Guid.NewGuid().ToString(), out _));
        }
    }

    [Fact]
    public void A_job_of_a_hundred_has_ids_that_are_short_and_fit_a_header()
    {
        var all = Enumerable.Range(0, 100).Aggregate(new EventPosition(0, IsEnd: true), (told, index) => told.With(index));

        Assert.Matches("^[0-9a-f]{8}-f{25}-end$", all.ToId(Job));
    }
}
