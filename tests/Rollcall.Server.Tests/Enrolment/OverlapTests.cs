using System.Globalization;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Rollcall.Server.Tests.Enrolment;

/// <summary>
/// Jobs for the same people, worked on at the same time in every order that a schedule may bring, with lost leases, restarts, enrolments of
/// their own and erasures in between: after each step the store must be what the contract's rules say. A failure prints the smallest
/// schedule that was found and its seed (<c>CsCheck_Seed</c>); <c>ROLLCALL_TEST_CASES</c> asks for more of them.
/// </summary>
public sealed class OverlapTests
{
    private const int Cases = 500;

    [Fact]
    public async Task Overlapping_jobs_for_the_same_people_end_as_the_rules_say()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        using var folder = TestFolder.InMemory();
        await using var host = await TestHost.StartAsync(time, folder.Path, TestHost.WithoutWorker);

        // One at a time: the schedule alone decides what overlaps.
        await OverlapCase.Any.SampleAsync(
            async one => await new OverlapRun(host, time).RunAsync(one),
            iter: Environment.GetEnvironmentVariable("ROLLCALL_TEST_CASES") is { } cases ? long.Parse(cases, CultureInfo.InvariantCulture) : Cases,
            threads: 1,
            print: one => one.Print());
    }
}
