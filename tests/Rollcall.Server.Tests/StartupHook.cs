using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Tests.Enrolment;

/// <summary>
/// What .NET runs before <c>Main</c> of a program that is started with <c>DOTNET_STARTUP_HOOKS</c>: it looks for this name outside any
/// namespace. So the server that ships is started as it is, without a hook of its own, and gets one other service when its host is built.
/// </summary>
internal static class StartupHook
{
    public static IReadOnlyDictionary<string, string> Variables { get; } =
        new Dictionary<string, string> { ["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location };

    public static void Initialize() => DiagnosticListener.AllListeners.Subscribe(new Watch<DiagnosticListener>(listener =>
    {
        if (listener.Name == "Microsoft.Extensions.Hosting") listener.Subscribe(new Watch<KeyValuePair<string, object?>>(HostEvent));
    }));

    private static void HostEvent(KeyValuePair<string, object?> written)
    {
        if (written is { Key: "HostBuilding", Value: IHostBuilder host })
            host.ConfigureServices((_, services) => services.Replace(ServiceDescriptor.Singleton<ItemProcessor, PoisonedProcessor>()));
    }

    private sealed class Watch<T>(Action<T> see) : IObserver<T>
    {
        public void OnNext(T value) => see(value);

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
