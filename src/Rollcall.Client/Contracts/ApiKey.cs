using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>What an API key may be allowed to do.</summary>
public static class Scopes
{
    /// <summary>Submit, poll, retry, cancel, undo and delete jobs.</summary>
    public const string Batch = "batch";

    /// <summary>List and get faces; poll and list jobs.</summary>
    public const string FacesRead = "faces:read";

    /// <summary>Enrol, change and delete single faces.</summary>
    public const string FacesWrite = "faces:write";

    /// <summary>Identify, verify, compare and detect.</summary>
    public const string Identify = "identify";

    /// <summary>Create, change and delete collections.</summary>
    public const string Collections = "collections";
}

/// <summary>An API key to create.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CreateApiKey
{
    /// <summary>The name that people give it.</summary>
    [StringLength(200, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>What it may do: some of <see cref="Contracts.Scopes"/>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The collections that it is confined to; null: all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Collections { get; init; }

    /// <summary>The addresses or CIDR ranges that it is confined to; null: all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? AllowedIps { get; init; }

    /// <summary>When it stops working; null: never.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>An API key without its text, which is shown once only.</summary>
public record ApiKey
{
    /// <summary>The id, <c>key_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The name that people gave it.</summary>
    public required string Name { get; init; }

    /// <summary>The first characters of its text, for people to tell keys apart.</summary>
    public required string Prefix { get; init; }

    /// <summary>What it may do.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The collections that it is confined to; null: all.</summary>
    public required IReadOnlyList<string>? Collections { get; init; }

    /// <summary>The addresses or CIDR ranges that it is confined to; null: all.</summary>
    public required IReadOnlyList<string>? AllowedIps { get; init; }

    /// <summary>When it stops working; null: never.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used, to within a minute or so; null: never.</summary>
    public required DateTimeOffset? LastUsedAt { get; init; }
}

/// <summary>A key that was just created, with its text: the only answer that ever holds it.</summary>
public sealed record ApiKeyCreated : ApiKey
{
    /// <summary>The key's text, <c>rc_live_…</c>.</summary>
    [JsonPropertyName("api_key")]
    public required string Secret { get; init; }

    /// <summary>The id alone: a record would print its text into any log.</summary>
    public override string ToString() => $"{nameof(ApiKeyCreated)} {{ Id = {Id} }}";
}

/// <summary>A page of API keys, newest first.</summary>
public sealed record ApiKeyList
{
    /// <summary>The keys of this page.</summary>
    public required IReadOnlyList<ApiKey> ApiKeys { get; init; }

    /// <summary>What to ask the next page with; null on the last page.</summary>
    public required string? NextCursor { get; init; }
}
