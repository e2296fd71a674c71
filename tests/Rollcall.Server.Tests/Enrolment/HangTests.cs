namespace Rollcall.Server.Tests.Enrolment;

public sealed class HangTests
{
    [Fact]
    public async Task A_picture_that_hangs_in_native_code_ends_the_process_with_code_1_and_costs_its_own_item_only()
    {
        var run = await PoisonRun.ToItsEndAsync(
            PoisonedProcessor.Hang, "--Queue:MaxRun=00:00:10", "--Queue:Lease=00:00:03", "--Queue:MaxCrashes=1", "--Queue:CrashPause=00:00:00.050", "--Hosting:ShutdownGrace=00:00:01");

        // Once among its neighbours, which does not count against anybody; then once alone.
        Assert.Equal([1, 1], run.Ends);
        Assert.Contains("has hung in the decoder or the model", run.Output, StringComparison.Ordinal);
        run.AssertThatOnlyThePoisonFailed();
    }
}
