using Microsoft.Extensions.Primitives;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Batches;

/// <summary>A caller's <c>Idempotency-Key</c>, for one organization, route and collection.</summary>
internal sealed record IdempotencyKey(string OrganizationId, string Route, string CollectionId, string Key)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const int Longest = 255;

    /// <summary>Null when none was sent.</summary>
    public static Result<IdempotencyKey?> Parse(StringValues header, string organizationId, string route, string collectionId)
    {
        if (header.Count == 0) return (IdempotencyKey?)null;
        return header is [{ Length: >= 1 and <= Longest } key] && !key.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? new IdempotencyKey(organizationId, route, collectionId, key)
            : Problem.Invalid($"{Header} is 1 to {Longest} printable ASCII characters, once.");
    }
}
