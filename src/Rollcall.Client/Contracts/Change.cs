using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Rollcall.Client.Contracts;

/// <summary>A field of a change: absent, or there with a value, which may be null.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly record struct Change<T>
{
    /// <summary>A field that is there.</summary>
    /// <param name="value">Its value.</param>
    public Change(T value) => (IsSet, Value) = (true, value);

    /// <summary>Whether the field is there.</summary>
    public bool IsSet { get; }

    /// <summary>The value; the type's default when the field is absent.</summary>
    public T? Value { get; }

    /// <summary>A value stands for a field that is there.</summary>
    /// <param name="value">The value.</param>
    [SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "The constructor is.")]
    public static implicit operator Change<T>(T value) => new(value);
}

/// <summary>Reads and writes a field that is there as its value; that it is absent is for the record that has it.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public sealed class ChangeConverter<T> : JsonConverter<Change<T>>
{
    /// <inheritdoc />
    public override bool HandleNull => true;

    /// <inheritdoc />
    public override Change<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(JsonSerializer.Deserialize(ref reader, TypeOf(options))!);

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Change<T> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Value!, TypeOf(options));

    private static JsonTypeInfo<T> TypeOf(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
    }
}
