using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests;

/// <summary>Reads and writes as both sides do.</summary>
internal static class Wire
{
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, TypeInfo<T>());

    public static T Read<T>(string json) => JsonSerializer.Deserialize(json, TypeInfo<T>())!;

    public static void AssertSame(string expected, string actual)
    {
        if (!JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)))
        {
            Assert.Fail($"Expected {expected}\nbut got  {actual}");
        }
    }

    private static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)RollcallJson.Options.GetTypeInfo(typeof(T));
}
