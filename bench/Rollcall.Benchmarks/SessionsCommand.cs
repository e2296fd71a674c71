using Rollcall.Faces.Models;

namespace Rollcall.Benchmarks;

/// <summary>
/// How sessions and threads are best laid out (docs/adr/0003). The processor time of an inference hardly depends on what else
/// the machine is doing, the rate does.
/// </summary>
internal static class SessionsCommand
{
    public static int Run(string[] args)
    {
        var installed = Material.Install();
        var cores = Environment.ProcessorCount;
        Console.WriteLine($"{cores} cores; inferences a second");
        foreach (var (name, role, height, width, repeats) in new[]
        {
            ("embed 112×112", ModelRole.Embed, 112, 112, 120),
            ("detect 640×480", ModelRole.Detect, 480, 640, 60),
            ("detect 256×256", ModelRole.Detect, 256, 256, 240),
        })
        {
            (double Rate, double Cost) Measure(int sessions, int threads, int callers)
            {
                var models = Enumerable.Range(0, sessions)
                    .Select(_ => new Faces.Model(installed.PathOf(role), threads, fixedShapes: role == ModelRole.Embed)).ToArray();
                var inputs = Enumerable.Range(0, callers)
                    .Select(i => (Model: models[i % sessions], Input: new float[3 * height * width])).ToArray();
                var before = Environment.CpuUsage.TotalTime;
                var rate = Clock.Rate(inputs, caller => caller.Model.Run(caller.Input, [1, 3, height, width]).Dispose(), repeats);
                var cost = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / (Clock.Rounds * repeats * callers);
                foreach (var model in models)
                    model.Dispose();
                return (rate, cost);
            }

            var one = Measure(1, 1, 1);
            Console.WriteLine($"{name}: one session, one thread, one caller {one.Rate:0.0}");
            foreach (var (layout, sessions, threads, callers) in new[]
            {
                ("one session, 1 thread inside, a caller for each core", 1, 1, cores),
                ("a session for each core, 1 thread inside, a caller for each core", cores, 1, cores),
                ("one session, a thread inside for each core, one caller", 1, cores, 1),
                ("one session, a thread inside for each core, a caller for each core", 1, cores, cores),
                ("one session, 1 thread inside, two callers for each core", 1, 1, 2 * cores),
            })
            {
                var (rate, cost) = Measure(sessions, threads, callers);
                Console.WriteLine($"  rate ×{rate / one.Rate:0.00}  processor time ×{cost / one.Cost:0.00}  {layout}");
            }
        }

        return 0;
    }
}
