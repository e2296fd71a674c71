using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Rollcall.Server.Tests.Accounts;

/// <summary>What the server logs of one event.</summary>
internal sealed class WatchedLog(int id) : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id == id) _lines.Enqueue(formatter(state, exception));
    }
}
