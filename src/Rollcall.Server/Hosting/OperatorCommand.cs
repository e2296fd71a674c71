namespace Rollcall.Server.Hosting;

/// <summary>What the commands beside the server have in common: their exit codes, their help, Ctrl-C, and what the operator can mend as advice and no stack.</summary>
internal static class OperatorCommand
{
    public const int Fine = 0;
    public const int Wanting = 1;
    public const int Misused = 2;

    /// <summary>For words that are not understood, and for those that ask for it.</summary>
    public static async Task<int> HelpAsync(string[] args, string help)
    {
        var asked = args is ["--help" or "-h" or "-?", ..];
        await (asked ? Console.Out : Console.Error).WriteLineAsync(help);
        return asked ? Fine : Misused;
    }

    /// <param name="work">What the command does.</param>
    /// <param name="interrupted">What to know after Ctrl-C.</param>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<int>> work, string interrupted)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, key) =>
        {
            key.Cancel = true;
            stop.Cancel();
        };
        try
        {
            return await work(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"Interrupted. {interrupted}");
            return Wanting;
        }
        catch (Exception e) when (Startup.IsOperatorsToMend(e))
        {
            await Console.Error.WriteLineAsync(Startup.AdviceOn(e));
            return Wanting;
        }
    }
}
