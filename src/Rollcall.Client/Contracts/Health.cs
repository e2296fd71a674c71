namespace Rollcall.Client.Contracts;

/// <summary>Whether the process lives; the answer of <c>/healthz</c>, bare and without the envelope, as orchestrators expect it.</summary>
public sealed record Health
{
    /// <summary>Always <c>ok</c>: a process that is not does not answer.</summary>
    public required string Status { get; init; }
}

/// <summary>Whether the server can work; the bare answer of <c>/readyz</c>, 200 when it can and 503 when it cannot.</summary>
public sealed record Readiness
{
    /// <summary><c>ready</c> or <c>not_ready</c>.</summary>
    public required string Status { get; init; }

    /// <summary>For each thing that is needed (<c>database</c>, <c>storage</c>, <c>model</c>): <c>ok</c>, or what is wrong.</summary>
    public required IReadOnlyDictionary<string, string> Checks { get; init; }
}
