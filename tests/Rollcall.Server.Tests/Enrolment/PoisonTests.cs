namespace Rollcall.Server.Tests.Enrolment;

public sealed class PoisonTests
{
    private const int Aborted = 128 + 6; // as a shell tells SIGABRT

    [Fact]
    public async Task A_picture_that_ends_the_process_costs_its_own_item_only()
    {
        var run = await PoisonRun.ToItsEndAsync(PoisonedProcessor.EndTheProcess, "--Queue:CrashPause=00:00:00.050");

        // Once among its neighbours, which does not count against anybody; then three times alone.
        Assert.Equal([Aborted, Aborted, Aborted, Aborted], run.Ends);
        run.AssertThatOnlyThePoisonFailed();
    }
}
