using System.Net;
using System.Text.Json.Nodes;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>The server refused a request, or answered something that is none of its answers.</summary>
/// <param name="code">What <see cref="Code"/> says.</param>
/// <param name="message">What <see cref="Exception.Message"/> says.</param>
/// <param name="innerException">What made the answer unreadable; null when it was readable.</param>
public sealed class RollcallException(string code, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The code of an answer that is not the contract's, a proxy's error page for instance. No server sends it.</summary>
    public const string UnexpectedAnswer = "UNEXPECTED_ANSWER";

    /// <summary>One of <see cref="ErrorCodes"/>, or <see cref="UnexpectedAnswer"/>; the only thing to branch on.</summary>
    public string Code { get; } = code;

    /// <summary>The HTTP status of the answer.</summary>
    public HttpStatusCode Status { get; init; }

    /// <summary>What to give the operator of the server; null when the answer named none.</summary>
    public string? RequestId { get; init; }

    /// <summary>Particulars that depend on the code; null when there are none.</summary>
    public JsonObject? Details { get; init; }

    /// <summary>How long to wait before trying again, never negative; null when the server did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What was left of the limits on how often the caller may ask; empty when the server did not say.</summary>
    public IReadOnlyList<RateLimit> RateLimits { get; init; } = [];
}
