using System.Diagnostics;

namespace Rollcall.Cli.Tests.Terminal;

/// <summary>A terminal of 100 columns, of which every byte that comes to it is recorded.</summary>
internal sealed class Tmux(string folder) : IDisposable
{
    private readonly string _socket = Path.Combine(folder, "tmux");

    public string Recording => Path.Combine(folder, "recording");

    /// <summary>Gives a shell in the terminal a line and waits for its end; returns what is on the screen then.</summary>
    public async Task<string> RunAsync(string line, IReadOnlyDictionary<string, string?> variables)
    {
        var settings = variables.Where(variable => variable.Value is not null).SelectMany(variable => (string[])["-e", $"{variable.Key}={variable.Value}"]);
        await CallAsync(["new-session", "-d", "-x", "100", "-y", "40", "-c", folder, .. settings, "sh"]);
        await CallAsync(["pipe-pane", $"cat > '{Recording}'"]);
        await CallAsync(["send-keys", $"{line}; tmux -S '{_socket}' wait-for -S ended", "Enter"]);
        await CallAsync(["wait-for", "ended"]);
        return await CallAsync(["capture-pane", "-p", "-S", "-"]);
    }

    /// <summary>Reads what comes to the terminal until it shows something, and says so.</summary>
    public async Task ShowsAsync(Func<string, bool> something, TaskCompletionSource shown)
    {
        while (!File.Exists(Recording) || !something(await File.ReadAllTextAsync(Recording, TestContext.Current.CancellationToken)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        shown.SetResult();
    }

    public void Dispose() => CallAsync(["kill-server"]).GetAwaiter().GetResult();

    private async Task<string> CallAsync(IEnumerable<string> words)
    {
        using var tmux = Process.Start(new ProcessStartInfo("tmux", ["-S", _socket, "-f", "/dev/null", .. words]) { RedirectStandardOutput = true })!;
        var told = await tmux.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tmux.WaitForExitAsync(TestContext.Current.CancellationToken);
        return told;
    }
}
