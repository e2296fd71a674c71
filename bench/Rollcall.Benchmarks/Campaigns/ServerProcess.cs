using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>The server as a process of its own, to be killed as the operating system kills.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly Task _collecting;

    private ServerProcess(Process process, Uri address)
    {
        (_process, Address) = (process, address);
        _collecting = Task.WhenAll(CollectAsync(process.StandardOutput), CollectAsync(process.StandardError));
    }

    public Uri Address { get; }

    public int Id => _process.Id;

    /// <inheritdoc cref="ProcessFacts.PeakBytes"/>
    public long PeakBytes => _process.PeakBytes();

    public string Output
    {
        get
        {
            lock (_output) return string.Join('\n', _output);
        }
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts on a free port and returns once the server says that it is ready.</summary>
    public static Task<ServerProcess> StartAsync(string data, string mirror, params string[] arguments) => StartAsync(Launch(data, mirror, arguments));

    /// <summary>Starts where another was before, for those who knew that one.</summary>
    public static Task<ServerProcess> StartAsync(string data, string mirror, Uri address) => StartAsync(Launch(data, mirror, [], address: address));

    private static async Task<ServerProcess> StartAsync(ServerProcess server)
    {
        return await server.IsReadyAsync() ? server : throw new InvalidOperationException($"The server ended with {await server.EndAsync()}:\n{server.Output}");
    }

    /// <summary>Starts on a free port; whether it gets ready is to be seen.</summary>
    public static ServerProcess Launch(string data, string mirror, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? variables = null, Uri? address = null)
    {
        address ??= new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Rollcall.Server.dll"), "--urls", address.ToString(), "--data", data, $"--Models:Mirror={mirror}", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return new ServerProcess(Process.Start(start)!, address);
    }

    /// <summary>False when it ended before it was.</summary>
    public async Task<bool> IsReadyAsync()
    {
        using var http = new HttpClient { BaseAddress = Address };
        using var limit = new CancellationTokenSource(StartLimit);
        while (!_process.HasExited)
        {
            try
            {
                using var response = await http.GetAsync(new Uri("/readyz", UriKind.Relative), limit.Token);
                if (response.IsSuccessStatusCode) return true;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet, or it has just ended.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }

        return false;
    }

    /// <summary>Waits until it has ended, by itself or not; returns the exit code.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync();
        await _collecting;
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: nothing of the process runs after it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        return await EndAsync();
    }

    public Task SignalAsync(string name) => _process.SignalAsync(name);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private async Task CollectAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_output) _output.Add(line);
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
