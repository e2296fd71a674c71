using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>
/// Enums of the wire are lower-case words with underscores, exactly: the platform's converter would also take other cases, surrounding
/// space, and lists of names.
/// </summary>
/// <typeparam name="TEnum">An enum of the contract.</typeparam>
public sealed class SnakeCaseEnumConverter<TEnum> : JsonConverter<TEnum>
    where TEnum : struct, Enum
{
    /// <inheritdoc />
    public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && WireName.TryParse<TEnum>(reader.GetString(), out var value) ? value : throw new JsonException();

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(WireName.Of(value));
    }
}
