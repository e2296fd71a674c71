using System.Buffers;
using System.Text.Json;

namespace Rollcall.Server.Hosting;

/// <summary>
/// JSON that is about people, in memory that nobody gets after us. The serializer's own buffers go back to the pool of the process as they are,
/// and an external id lay there after its person was erased.
/// </summary>
internal static class UnpooledJson
{
    private const int UsualBytes = 4096;

    public static ReadOnlySpan<byte> Of<T>(T value, JsonSerializerOptions options)
    {
        var bytes = new ArrayBufferWriter<byte>(UsualBytes);
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = options.Encoder, Indented = options.WriteIndented }))
            JsonSerializer.Serialize(writer, value, options);
        return bytes.WrittenSpan;
    }
}
