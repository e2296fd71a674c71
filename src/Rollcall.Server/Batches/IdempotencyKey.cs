using Microsoft.Extensions.Primitives;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Batches;

/// <summary>A caller's <c>Idempotency-Key</c>, for one organization, route and collection.</summary>
internal sealed record IdempotencyKey(string OrganizationId, string Route, string CollectionId, string Key)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const int Longest = 255;

    public static RequestParameter Parameter { get; } = RequestParameter.Header(
        Header, Schemas.Text(shortest: 1, longest: Longest).Matching("^[ -~]+$"), "Your own key for the batch, kept for 24 hours: the same request under it makes no second job.");

    public static AnswerHeader Replayed { get; } = new(ReplayedHeader, Schemas.Choice("true"), "There when an earlier request with the same key made the job.", IsRequired: false);

    /// <summary>Null when none was sent.</summary>
    public static Result<IdempotencyKey?> Parse(StringValues header, string organizationId, string route, string collectionId)
    {
        if (header.Count == 0) return (IdempotencyKey?)null;
        return header is [{ Length: >= 1 and <= Longest } key] && !key.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? new IdempotencyKey(organizationId, route, collectionId, key)
            : Problem.Invalid($"{Header} is 1 to {Longest} printable ASCII characters, once.");
    }
}
