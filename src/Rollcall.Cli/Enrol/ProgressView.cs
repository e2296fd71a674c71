using System.Globalization;
using Rollcall.Cli.Terminal;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rollcall.Cli.Enrol;

/// <summary>Shows how far a run is: a bar where somebody watches, a line now and then where the words go to a file.</summary>
internal static class ProgressView
{
    private const int Bar = 32;

    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(15);

    public static async Task ShowAsync(Output output, RunBoard board, TimeProvider time, Func<Task> work)
    {
        if (output.IsJson)
            await work();
        else if (output.IsWatched)
            await output.Aside.Live(Draw(board.Read())).AutoClear(true).StartAsync(live => Follow(Often, () => live.UpdateTarget(Draw(board.Read()))));
        else
            await Follow(Seldom, () => output.Say(board.Read().ToString()));

        async Task Follow(TimeSpan period, Action show)
        {
            var working = work();
            using var timer = new PeriodicTimer(period, time);
            while (true)
            {
                var tick = timer.WaitForNextTickAsync().AsTask();
                if (await Task.WhenAny(working, tick) == working) break;
                show();
            }

            await working;
        }
    }

    private static Rows Draw(RunProgress progress)
    {
        var filled = (int)(Bar * progress.Share);
        List<IRenderable> rows =
        [
            new Markup($"[green]{new string('━', filled)}[/][grey]{new string('━', Bar - filled)}[/] {Markup.Escape(progress.ToString())}"),
            new Markup(string.Create(CultureInfo.InvariantCulture, $"[grey]jobs: {progress.Sending} being sent, {progress.Enrolling} at the server. Ctrl-C stops; the same command goes on.[/]")),
        ];
        foreach (var (code, count) in progress.Failures)
        {
            rows.Add(new Markup(string.Create(CultureInfo.InvariantCulture, $"  [yellow]{count,7:N0}[/] {Markup.Escape(code)}")));
        }

        return new Rows(rows);
    }
}
