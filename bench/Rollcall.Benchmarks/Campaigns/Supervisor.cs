using System.Collections.Concurrent;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>A server that is started again whenever it has ended, as a service manager would. What ends it that nobody asked for is a complaint.</summary>
internal sealed class Supervisor(
    string data, string mirror, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> variables, ConcurrentQueue<string> complaints) : IAsyncDisposable
{
    private const int LinesOfOutput = 12;

    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(500);

    /// <summary>A bug while an item was worked on; a fault in the program; a picture that hung.</summary>
    private static readonly string[] Bugs = ["[2108]", "[2013]", "[2109]"];

    private readonly List<HttpClient> _clients = [];
    private readonly CancellationTokenSource _stopping = new();
    private TaskCompletionSource<HttpClient> _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private volatile ServerProcess? _killed;

    /// <summary>The process there is; it may be starting, or have just ended.</summary>
    public ServerProcess? Current { get; private set; }

    public int Starts { get; private set; }

    public int FailedStarts { get; private set; }

    /// <summary>While storage takes no writes a server may refuse to start.</summary>
    public bool MayRefuseToStart { get; set; }

    public void Begin() => _running = RunAsync();

    /// <summary>A client of the server that is ready, once there is one.</summary>
    public Task<HttpClient> ServingAsync() => _serving.Task;

    public async Task KillAsync()
    {
        if (Current is not { } server) return;
        _killed = server;
        await server.KillAsync();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        await _stopping.CancelAsync();
        var code = Current is { HasEnded: false } server ? await server.StopAsync() : 0;
        await _running;
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (Current is { } server) await server.DisposeAsync();
        _clients.ForEach(client => client.Dispose());
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var mayRefuse = MayRefuseToStart;
            var server = Current = ServerProcess.Launch(data, mirror, arguments, variables);
            var isReady = await server.IsReadyAsync();
            if (isReady)
            {
                Starts++;
                var client = new HttpClient { BaseAddress = server.Address };
                _clients.Add(client);
                _serving.TrySetResult(client);
            }

            var code = await server.EndAsync();
            if (_serving.Task.IsCompleted) _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
            foreach (var bug in Bugs.Where(bug => server.Output.Contains(bug, StringComparison.Ordinal))) complaints.Enqueue($"event {bug} in the log:\n{After(server.Output, bug)}");
            if (_killed == server || _stopping.IsCancellationRequested) continue;

            if (isReady || !(mayRefuse || MayRefuseToStart)) complaints.Enqueue($"the server ended by itself with {code}:\n{Tail(server.Output)}");
            FailedStarts++;
            await Task.Delay(StartPause, TimeProvider.System);
        }
    }

    private static string Tail(string output) => string.Join('\n', output.Split('\n').TakeLast(LinesOfOutput));

    private static string After(string output, string bug) => string.Join('\n', output[output.IndexOf(bug, StringComparison.Ordinal)..].Split('\n').Take(LinesOfOutput));
}
