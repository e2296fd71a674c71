using System.ComponentModel.DataAnnotations;

namespace Rollcall.Client.Contracts;

/// <summary>Whether the process lives; what <c>/healthz</c> answers.</summary>
public sealed record Health
{
    /// <summary>Always <c>ok</c>: a process that is not does not answer.</summary>
    [AllowedValues("ok")]
    public required string Status { get; init; }
}

/// <summary>
/// Whether the server can work; what <c>/readyz</c> answers when it can. When it cannot the answer is 503 with
/// <see cref="ErrorCodes.ServiceBusy"/>, and the same checks as its details.
/// </summary>
public sealed record Readiness
{
    /// <summary><c>ok</c>; from the client also <c>not_ready</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The model pack that the server runs; null from a server that is not ready.</summary>
    public RunningModel? Model { get; init; }

    /// <summary>For each thing that is needed (<c>database</c>, <c>storage</c>, <c>model</c>): <c>ok</c>, or what is wrong.</summary>
    public required IReadOnlyDictionary<string, string> Checks { get; init; }
}

/// <summary>The model pack that a server runs.</summary>
public sealed record RunningModel
{
    /// <summary>The pack's name.</summary>
    public required string Id { get; init; }

    /// <summary>Whether the pack is for trying out and not for production.</summary>
    public required bool Evaluation { get; init; }

    /// <summary>What to know about the pack's accuracy and limits before trusting its numbers; null when there is nothing.</summary>
    public required string? Caveat { get; init; }
}
