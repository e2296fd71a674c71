using System.Text.Json.Serialization;

namespace Rollcall.Cli.Access;

/// <summary>A server and what its caller proves an identity with.</summary>
internal sealed record Profile
{
    public required Uri Server { get; init; }

    public string? Organization { get; init; }

    public string? ApiKey { get; init; }

    public string? AccessToken { get; init; }

    public string? RefreshToken { get; init; }

    /// <summary>When the access token ends, by this machine's clock.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public override string ToString() => nameof(Profile);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Dictionary<string, Profile>))]
internal sealed partial class ProfileJson : JsonSerializerContext;
