using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>Enums of the wire are lower-case words with underscores, never numbers.</summary>
/// <typeparam name="TEnum">An enum of the contract.</typeparam>
public sealed class SnakeCaseEnumConverter<TEnum>()
    : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where TEnum : struct, Enum;
