using Microsoft.Extensions.Logging;

namespace Rollcall.Server.Tests;

/// <summary>The server's log goes to the output of the test that runs.</summary>
internal sealed class TestOutput : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new TestLog(categoryName);

    public void Dispose()
    {
    }

    private sealed class TestLog(string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            TestContext.Current.TestOutputHelper?.WriteLine($"{logLevel} {category}: {formatter(state, exception)} {exception}");
    }
}
