using System.Diagnostics;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>The command line as a process of its own, with no terminal.</summary>
internal sealed class CommandProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _out;
    private readonly Task<string> _error;

    private CommandProcess(Process process) =>
        (_process, _out, _error) = (process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());

    public static CommandProcess Start(string folder, IReadOnlyDictionary<string, string?> variables, IEnumerable<string> words, string? input = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "rollcall.dll"), .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return new CommandProcess(process);
    }

    public bool HasEnded => _process.HasExited;

    /// <inheritdoc cref="ProcessFacts.PeakBytes"/>
    public long PeakBytes() => _process.PeakBytes();

    /// <summary>Ctrl-C.</summary>
    public Task InterruptAsync() => _process.SignalAsync("INT");

    /// <summary>SIGKILL: nothing of the process runs after it.</summary>
    public void Kill() => _process.Kill();

    public async Task<CommandEnd> EndAsync(CancellationToken cancellationToken = default)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return new CommandEnd(_process.ExitCode, await _out, await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}

internal sealed record CommandEnd(int Code, string Out, string Error);
