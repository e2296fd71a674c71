using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>The envelope of every JSON answer: <see cref="Data"/> on a success, <see cref="Error"/> on a failure.</summary>
/// <typeparam name="T">What a successful answer carries.</typeparam>
public sealed record ApiResponse<T>
    where T : class
{
    /// <summary>Whether the request was carried out.</summary>
    public required bool Success { get; init; }

    /// <summary>The answer; absent on a failure.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public T? Data { get; init; }

    /// <summary>Why it failed; absent on a success.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ApiError? Error { get; init; }

    /// <summary>The same value as the <c>X-Request-Id</c> header; in the body of failures only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RequestId { get; init; }

    /// <summary>When it failed; in the body of failures only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Timestamp { get; init; }
}

/// <summary>Makes the envelope of a success without naming its type.</summary>
public static class ApiResponse
{
    /// <summary>The envelope of a success.</summary>
    /// <typeparam name="T">What the answer carries.</typeparam>
    /// <param name="data">The answer.</param>
    public static ApiResponse<T> Ok<T>(T data)
        where T : class => new() { Success = true, Data = data };
}

/// <summary>The body of an error answer: the envelope without data, and with everything else.</summary>
public sealed record ApiFailure
{
    /// <summary>Always false.</summary>
    public bool Success { get; init; }

    /// <summary>Why it failed.</summary>
    public required ApiError Error { get; init; }

    /// <summary>The same value as the <c>X-Request-Id</c> header.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it failed.</summary>
    public required DateTimeOffset Timestamp { get; init; }
}
