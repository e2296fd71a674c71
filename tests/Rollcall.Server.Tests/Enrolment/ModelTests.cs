using System.Globalization;
using Rollcall.Benchmarks.Model;

namespace Rollcall.Server.Tests.Enrolment;

/// <summary>
/// Jobs for the same people, worked on in every order that a schedule may bring, with lost leases, restarts, cancellations, retries, undoing,
/// erasures and transactions that fail in between: the stores must do what a model does that knows no table and no transaction. A failure prints
/// its seed and the smallest schedule that still fails; <c>ROLLCALL_MODEL_SEED</c> runs that seed alone, and
/// <c>dotnet run -c Release --project bench/Rollcall.Benchmarks -- model --minutes 10</c> goes on with others.
/// </summary>
public sealed class ModelTests
{
    private const int InTurn = 600;
    private const int AtOnce = 300;

    // bench/mutants/run wants to know that it fails, and not with how little.
    private static readonly TimeSpan ShrinkFor =
        TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("ROLLCALL_MODEL_SHRINK_SECONDS") is { } seconds ? int.Parse(seconds, CultureInfo.InvariantCulture) : 20);

    [Fact]
    public Task Schedules_of_all_that_can_happen_to_jobs_end_as_the_model_says() => RunAsync(Seeds(InTurn), atOnce: false);

    [Fact]
    public Task Workers_and_callers_at_the_same_time_look_as_if_they_had_come_one_after_the_other() => RunAsync(Seeds(AtOnce), atOnce: true);

    private static async Task RunAsync(IEnumerable<long> seeds, bool atOnce)
    {
        using var folder = TestFolder.InMemory();
        await using var stores = await Stores.OpenAsync(folder.Path);

        var report = await new ModelCampaign(stores, ShrinkFor).RunAsync(seeds, atOnce);

        Assert.True(report.Failure is null, report.Failure);
        TestContext.Current.TestOutputHelper!.WriteLine($"{report.Schedules} schedules, {report.Deeds} calls");
    }

    private static IEnumerable<long> Seeds(int count) => Environment.GetEnvironmentVariable("ROLLCALL_MODEL_SEED") is { } seed
        ? [long.Parse(seed, CultureInfo.InvariantCulture)]
        : Enumerable.Range(1, count).Select(n => (long)n);
}
