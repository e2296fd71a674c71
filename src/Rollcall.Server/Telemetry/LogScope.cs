using System.Collections;
using System.Diagnostics;

namespace Rollcall.Server.Telemetry;

/// <summary>What every line within it carries: the request's id and trace, or the job.</summary>
internal sealed class LogScope : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly KeyValuePair<string, object?>[] _fields;
    private readonly string _text;

    private LogScope(params KeyValuePair<string, object?>[] fields)
    {
        _fields = fields;
        _text = string.Join(' ', fields.Select(field => $"{field.Key}:{field.Value}"));
    }

    public int Count => _fields.Length;

    public KeyValuePair<string, object?> this[int index] => _fields[index];

    public static LogScope OfRequest(HttpContext http) => Activity.Current is { } activity
        ? new(new("RequestId", http.TraceIdentifier), new("TraceId", activity.TraceId.ToString()))
        : new(new KeyValuePair<string, object?>("RequestId", http.TraceIdentifier));

    public static LogScope OfJob(string jobId) => new(new KeyValuePair<string, object?>("JobId", jobId));

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => _text;
}

/// <summary>
/// Keeps our own scopes and drops the framework's: those put the request's path on every line, and a path has whatever a caller wrote there.
/// </summary>
internal sealed class LogScopes : IExternalScopeProvider
{
    private readonly LoggerExternalScopeProvider _own = new();

    public void ForEachScope<TState>(Action<object?, TState> callback, TState state) => _own.ForEachScope(callback, state);

    public IDisposable Push(object? state) => state is LogScope ? _own.Push(state) : Dropped.Scope;

    private sealed class Dropped : IDisposable
    {
        public static readonly Dropped Scope = new();

        public void Dispose()
        {
        }
    }
}
