using System.Globalization;
using Rollcall.Benchmarks.Model;

namespace Rollcall.Benchmarks;

/// <summary>Schedules in turn and at once, from a random number on, for a minute unless told otherwise; or one of them again.</summary>
internal static class ModelCommand
{
    private const string Memory = "/dev/shm";
    private const int InTurn = 200;
    private const int AtOnce = 100;
    private static readonly TimeSpan ShrinkFor = TimeSpan.FromMinutes(1);

    public static int Run(string[] args)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Directory.Exists(Memory) ? Memory : Path.GetTempPath(), $"rollcall-model-{Guid.NewGuid():N}"));
        try
        {
            return RunAsync(folder.FullName, Number(args, "--minutes") ?? 1, Number(args, "--seed")).GetAwaiter().GetResult();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int> RunAsync(string folder, long minutes, long? seed)
    {
        await using var stores = await Stores.OpenAsync(folder);
        var campaign = new ModelCampaign(stores, ShrinkFor);
        var (next, start) = (seed ?? Random.Shared.NextInt64(1_000_000_000), TimeProvider.System.GetTimestamp());
        Console.WriteLine($"from seed {next}");
        var (inTurn, atOnce, deeds) = (0, 0, 0);
        do
        {
            var first = await campaign.RunAsync(Seeds(next, seed is null ? InTurn : 1), atOnce: false);
            var second = await campaign.RunAsync(seed is null ? Seeds(next + InTurn, AtOnce) : Enumerable.Repeat(next, AtOnce), atOnce: true);
            (inTurn, atOnce, deeds, next) = (inTurn + first.Schedules, atOnce + second.Schedules, second.Deeds, next + InTurn + AtOnce);
            if ((first.Failure ?? second.Failure) is { } failure)
            {
                Console.WriteLine(failure);
                return 1;
            }
        }
        while (seed is null && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(minutes));

        Console.WriteLine($"{inTurn} schedules in turn, {atOnce} at once, {deeds} calls: the stores did what the model does");
        return 0;
    }

    private static IEnumerable<long> Seeds(long first, int count) => Enumerable.Range(0, count).Select(n => first + n);

    private static long? Number(string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? long.Parse(args[at + 1], CultureInfo.InvariantCulture) : null;
}
