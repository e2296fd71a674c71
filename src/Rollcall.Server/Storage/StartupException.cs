namespace Rollcall.Server.Storage;

/// <summary>The server cannot start as it is configured; the message tells the operator what to do, and no stack trace is shown.</summary>
internal sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
