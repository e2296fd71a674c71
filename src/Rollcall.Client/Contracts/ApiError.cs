using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>Why a request, a job or an item failed.</summary>
public sealed record ApiError
{
    /// <summary>One of <see cref="ErrorCodes"/>; the only thing to branch on.</summary>
    public required string Code { get; init; }

    /// <summary>A sentence for people; its wording may change at any time.</summary>
    public required string Message { get; init; }

    /// <summary>Particulars that depend on the code, such as <c>reasons</c> or <c>similarity</c>; absent when there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonObject? Details { get; init; }
}
